"""Filters for numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from flows.expressions.decimal_format import format_number
from flows.expressions.errors import ArgumentError, EvaluationError
from flows.expressions.filters.arguments import text_argument
from flows.expressions.numbers import MAX_BITS, BigInteger, Float32, Long, Number, bounded, is_number, java_class
from flows.expressions.operators import type_name
from flows.expressions.registry import Taint, filter_

MAX_DIGITS = 1000


@filter_("abs")
def absolute(value: Any) -> Any:
    """The size of a number, without its sign. `{{ -7 | abs }}` = `7`"""
    if value is None:
        return None
    if not is_number(value):
        raise EvaluationError(f"`abs` needs a number, not {type_name(value)}")
    return Float32(abs(value)) if isinstance(value, Float32) else abs(value)


@filter_("number")
def number(value: Any, type: Any = None) -> Any:
    """A text as a number, of a type that may be named. `{{ "12.3" | number + 1 }}` = `13.3`"""
    if value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
        if len(text) > MAX_DIGITS:
            raise EvaluationError(f"A number has at most {MAX_DIGITS} digits")
        return _read(text, type)
    if is_number(value):
        return value if type is None else _converted(Decimal(str(value)), value, type)
    raise EvaluationError(f"`number` needs a text, not {type_name(value)}")


def _read(text: str, type: Any) -> Number:
    try:
        exact = bounded(Decimal(text))
    except InvalidOperation:
        raise EvaluationError(f"The text `{text[:60]}` is not a number") from None
    if not isinstance(exact, Decimal) or not exact.is_finite() or "_" in text:
        raise EvaluationError(f"The text `{text[:60]}` is not a number")
    return _inferred(text, exact) if type is None else _converted(exact, text, type)


def _inferred(text: str, exact: Decimal) -> Number:
    if not any(sign in text for sign in ".eE"):
        return int(text)
    decimals = max(0, -int(exact.as_tuple().exponent))
    if decimals <= 7 and abs(exact) < Decimal("3.4e38"):
        return Float32(float(exact))
    return float(exact) if decimals <= 16 and math.isfinite(float(exact)) else exact


def _converted(exact: Decimal, source: Any, type: Any) -> Number:
    kind = text_argument("type", type).upper()
    convert = _TYPES.get(kind)
    if convert is None:
        raise ArgumentError(f"The argument `type` must be one of {', '.join(_TYPES)}")
    return convert(exact)


def _whole(kind: type[int], bits: int) -> Callable[[Decimal], Number]:
    def convert(exact: Decimal) -> int:
        if exact != exact.to_integral_value() or not -(2 ** (bits - 1)) <= exact < 2 ** (bits - 1):
            raise EvaluationError("The number does not fit the type")
        return kind(exact)

    return convert


_TYPES: dict[str, Callable[[Decimal], Number]] = {
    "INT": _whole(int, 32),
    "FLOAT": lambda exact: Float32(float(exact)),
    "LONG": _whole(Long, 64),
    "DOUBLE": float,
    "BIGDECIMAL": lambda exact: exact,
    "BIGINTEGER": _whole(BigInteger, MAX_BITS),
}


@filter_("numberFormat", "numberformat")
def number_format(value: Any, format: Any = "#,##0.###") -> Any:
    """A number written by a pattern. `{{ 3.141592653 | numberFormat("#.##") }}` = `3.14`"""
    if value is None:
        return None
    if not is_number(value):
        raise EvaluationError(f"`numberFormat` needs a number, not {type_name(value)}")
    return format_number(value, text_argument("format", format))


@filter_("className", taint=Taint.DROPS)
def class_name(value: Any) -> Any:
    """The name of the Java class that holds such a value. `{{ "12.3" | number | className }}` = `java.lang.Float`"""
    if value is None:
        return None
    if isinstance(value, bool):
        return "java.lang.Boolean"
    if is_number(value):
        return java_class(value)
    for kind, name in _CLASSES:
        if isinstance(value, kind):
            return name
    return f"java.time.{_TIMES.get(value.__class__.__name__, 'Instant')}"


_CLASSES: tuple[tuple[type, str], ...] = (
    (str, "java.lang.String"),
    (Mapping, "java.util.LinkedHashMap"),
    (list, "java.util.ArrayList"),
    (tuple, "java.util.ArrayList"),
    (set, "java.util.LinkedHashSet"),
    (frozenset, "java.util.LinkedHashSet"),
    (UUID, "java.util.UUID"),
)
_TIMES = {"date": "LocalDate", "time": "LocalTime", "timedelta": "Duration", "Zoned": "ZonedDateTime"}
