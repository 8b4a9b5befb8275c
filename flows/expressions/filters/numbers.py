"""Filters for numbers."""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable
from typing import Any

from flows.expressions.decimals.writing import format_number
from flows.expressions.errors import ArgumentError, EvaluationError
from flows.expressions.filters.arguments import text_argument
from flows.expressions.java_classes import class_of
from flows.expressions.number_reading import read_decimal, read_double, read_number, read_whole
from flows.expressions.numbers import MAX_BITS, BigInteger, Float32, Long, Number, is_number, number_text
from flows.expressions.operators import type_name
from flows.expressions.registry import Taint, filter_


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
    if not isinstance(value, str) and not is_number(value):
        raise EvaluationError(f"`number` needs a text, not {type_name(value)}")
    if type is None:
        return read_number(value.strip()) if isinstance(value, str) else value
    convert = _TYPES.get(text_argument("type", type).upper())
    if convert is None:
        raise ArgumentError(f"The argument `type` must be one of {', '.join(_TYPES)}")
    return convert(value.strip() if isinstance(value, str) else _spelt(value))


def _spelt(value: Number) -> str:
    """A number as a text of which every kind can be read: `7` for `7.0`."""
    is_whole = not isinstance(value, int) and math.isfinite(value) and value == int(value)
    return str(int(value)) if is_whole else number_text(value)


def _whole(kind: builtins.type[int], bits: int) -> Callable[[str], Number]:
    def convert(text: str) -> int:
        whole = read_whole(text)
        if not -(2 ** (bits - 1)) <= whole < 2 ** (bits - 1):
            raise EvaluationError("The number does not fit the type")
        return kind(whole)

    return convert


_TYPES: dict[str, Callable[[str], Number]] = {
    "INT": _whole(int, 32),
    "FLOAT": lambda text: Float32(read_double(text)),
    "LONG": _whole(Long, 64),
    "DOUBLE": read_double,
    "BIGDECIMAL": read_decimal,
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
    return None if value is None else class_of(value)
