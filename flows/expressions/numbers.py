"""Numbers as the flow language knows them: 32-bit floats, exact decimals, Java's spelling, bounded size."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from decimal import Context, Decimal, localcontext
from typing import TypeGuard

from flows.expressions.errors import EvaluationError, ExpressionLimitError

Number = int | float | Decimal

MAX_BITS = 4096
MAX_EXPONENT = 1200
DECIMAL_CONTEXT = Context(prec=120)
DIVISION_CONTEXT = Context(prec=34)


class Float32(float):
    """A 32-bit float: written with the few digits that identify it, computed with at its widened value."""

    def __new__(cls, value: float | str) -> Float32:
        return super().__new__(cls, narrowed(float(value)))


class Long(int):
    """A whole number that was asked to be a 64-bit one."""


class BigInteger(int):
    """A whole number that was asked to be one without bounds."""


def narrowed(value: float) -> float:
    try:
        return float(struct.unpack("<f", struct.pack("<f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def is_number(value: object) -> TypeGuard[Number]:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def bounded(value: Number) -> Number:
    """The same number, refused when it is too long to be worth keeping."""
    if isinstance(value, int):
        if value.bit_length() > MAX_BITS:
            raise ExpressionLimitError(f"A number needs more than {MAX_BITS} bits")
    elif isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) > MAX_EXPONENT:
        raise ExpressionLimitError(f"A number has more than {MAX_EXPONENT} digits")
    return value


def number_text(value: Number) -> str:
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, Float32):
        return _java_spelling(_shortest_float32(float(value)))
    if isinstance(value, float):
        text = float.__repr__(value)
        return _java_spelling(_closest(text, value, float) if len(text) < 8 and "e" in text else text)
    return Decimal.__str__(value).replace("e", "E")


def _shortest_float32(value: float) -> str:
    for precision in range(1, 9):
        text = f"{value:.{precision}g}"
        if narrowed(float(text)) == value:
            return _closest(text, value, narrowed)
    return f"{value:.9g}"


def _closest(text: str, value: float, read: Callable[[float], float]) -> str:
    """Two digits where one would do, when these are closer: `4.9E-324`, which is how Java writes the least double."""
    if sum(sign.isdigit() for sign in text.partition("e")[0].lstrip("-0.")) > 1:
        return text
    two = f"{value:.1e}"
    return two if read(float(two)) == value else text


def _java_spelling(text: str) -> str:
    """Turn Python's shortest spelling into Java's: plain between 1e-3 and 1e7, otherwise `d.dddEn`."""
    if text in _SPECIAL:
        return _SPECIAL[text]
    parts = Decimal(text).as_tuple()
    digits = "".join(map(str, parts.digits)).rstrip("0") or "0"
    exponent = len(parts.digits) - 1 + int(parts.exponent)
    sign = "-" if parts.sign else ""
    if digits == "0":
        return f"{sign}0.0"
    if -3 <= exponent < 7:
        return sign + _plain(digits, exponent)
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{exponent}"


_SPECIAL = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}


def _plain(digits: str, exponent: int) -> str:
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    return f"{whole}.{digits[exponent + 1 :] or '0'}"


def java_class(value: Number) -> str:
    if isinstance(value, Float32):
        return "java.lang.Float"
    if isinstance(value, float):
        return "java.lang.Double"
    if isinstance(value, Decimal):
        return "java.math.BigDecimal"
    if isinstance(value, BigInteger):
        return "java.math.BigInteger"
    if -(2**31) <= value < 2**31 and not isinstance(value, Long):
        return "java.lang.Integer"
    return "java.lang.Long" if -(2**63) <= value < 2**63 else "java.math.BigInteger"


def calculate(sign: str, left: Number, right: Number) -> Number:
    """Compute as Java would after widening: whole numbers stay whole and divide towards zero, but never overflow.

    An exact number that a double spells is computed with as that double spells it (`100` is `100.0`); one that a
    double would change keeps its digits.
    """
    if sign in "/%" and right == 0:
        raise EvaluationError("Division by zero")
    try:
        if isinstance(left, Decimal) or isinstance(right, Decimal):
            return bounded(_decimals(sign, _as_spelt_by_a_double(left), _as_spelt_by_a_double(right)))
        if isinstance(left, float) or isinstance(right, float):
            return _floats(sign, left, right)
        return Long(bounded(_integers(sign, int(left), int(right))))
    except (OverflowError, ArithmeticError) as error:
        raise EvaluationError(f"The numbers are too large for `{sign}`") from error


def as_decimal(value: Number) -> Decimal:
    if isinstance(value, Decimal):
        return value
    return Decimal(number_text(value)) if isinstance(value, float) else Decimal(int(value))


def _as_spelt_by_a_double(value: Number) -> Decimal:
    exact = as_decimal(float(value)) if isinstance(value, float) else as_decimal(value)
    if isinstance(value, float) or not exact.is_finite():
        return exact
    spelt = as_decimal(float(exact))
    return spelt if spelt == exact else exact


def _integers(sign: str, left: int, right: int) -> int:
    if sign == "+":
        return left + right
    if sign == "-":
        return left - right
    if sign == "*":
        if left.bit_length() + right.bit_length() > 2 * MAX_BITS:
            raise ExpressionLimitError(f"A number needs more than {MAX_BITS} bits")
        return left * right
    quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
    return quotient if sign == "/" else left - right * quotient


def _floats(sign: str, left: int | float, right: int | float) -> float:
    one, other = float(left), float(right)
    if sign == "+":
        result = one + other
    elif sign == "-":
        result = one - other
    elif sign == "*":
        result = one * other
    else:
        result = one / other if sign == "/" else math.fmod(one, other)
    narrow = isinstance(left, Float32 | int) and isinstance(right, Float32 | int)
    return Float32(result) if narrow else result


def _decimals(sign: str, left: Decimal, right: Decimal) -> Decimal:
    with localcontext(DECIMAL_CONTEXT):
        if sign == "+":
            return left + right
        if sign == "-":
            return left - right
        if sign == "*":
            return left * right
        return DIVISION_CONTEXT.divide(left, right) if sign == "/" else left % right
