"""Write numbers by a pattern, to the digit as Java's DecimalFormat does: the exact value, rounded half to even."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_UP, Decimal, localcontext

from flows.expressions.decimals.patterns import Pattern, parse_pattern
from flows.expressions.numbers import Number

PRECISION = 2600


def format_number(value: Number, pattern: str) -> str:
    """Raises `ArgumentError` for a pattern that is none."""
    shape = parse_pattern(pattern)
    if isinstance(value, float):
        return _written_float(float(value), shape)
    if isinstance(value, Decimal) and not value.is_finite():
        return _written_float(float(value), shape)
    with localcontext() as context:
        context.prec = PRECISION
        exact = Decimal(value) * shape.multiplier
        return _around(exact < 0, _number(abs(exact), abs(exact), shape), shape)


def _written_float(value: float, shape: Pattern) -> str:
    if math.isnan(value):
        return "NaN"
    value *= shape.multiplier
    is_negative = math.copysign(1.0, value) < 0
    if math.isinf(value):
        return _around(is_negative, "∞", shape)
    size = abs(value)
    with localcontext() as context:
        context.prec = PRECISION
        return _around(is_negative, _number(Decimal(repr(size)), Decimal(size), shape), shape)


def _around(is_negative: bool, text: str, shape: Pattern) -> str:
    before, after = shape.negative if is_negative else shape.positive
    return before + text + after


@dataclass(frozen=True, slots=True)
class _Digits:
    """`0.<digits>` times ten to the power of `point`, without zeros at either end; no digits are zero."""

    digits: str
    point: int


def _number(shortest: Decimal, exact: Decimal, shape: Pattern) -> str:
    """`shortest` is the number as it is spelt, `exact` what it is: they differ for floats alone."""
    if shape.exponent_digits:
        places = shape.most_whole + shape.most_fraction
        power = shortest.adjusted() + 1 - places if shortest else 0
        return _scientific(_digits(_rounded(shortest, exact, power)), shape)
    return _plain(_digits(_rounded(shortest, exact, -shape.most_fraction)), shape)


def _rounded(shortest: Decimal, exact: Decimal, power: int) -> Decimal:
    """Rounded to a multiple of that power of ten. What is spelt as a tie is one only when it exactly is."""
    unit = Decimal(1).scaleb(power)
    if int(shortest.as_tuple().exponent) >= power:
        return shortest
    if shortest != exact and _is_tie(shortest, unit):
        return shortest.quantize(unit, rounding=ROUND_UP if exact > shortest else ROUND_DOWN)
    return shortest.quantize(unit, rounding=ROUND_HALF_EVEN)


def _is_tie(number: Decimal, unit: Decimal) -> bool:
    return (number - number.quantize(unit, rounding=ROUND_DOWN)) * 2 == unit


def _digits(number: Decimal) -> _Digits:
    if not number:
        return _Digits("", 0)
    digits = "".join(map(str, number.as_tuple().digits))
    return _Digits(digits.lstrip("0").rstrip("0"), number.adjusted() + 1)


def _plain(number: _Digits, shape: Pattern) -> str:
    point = number.point
    whole = number.digits[:point].ljust(point, "0") if point > 0 else ""
    whole = whole.rjust(shape.least_whole, "0")
    fraction = "0" * -point + number.digits if point <= 0 else number.digits[point:]
    fraction = fraction[: shape.most_fraction].ljust(shape.least_fraction, "0") if number.digits else ""
    fraction = fraction or "0" * shape.least_fraction
    text = _grouped(whole, shape.group) or ("" if fraction else "0")
    return text + ("." + fraction if fraction or shape.always_point else "")


def _grouped(whole: str, size: int) -> str:
    if not size:
        return whole
    start = len(whole) % size
    groups = [whole[:start]] if start else []
    return ",".join([*groups, *(whole[at : at + size] for at in range(start, len(whole), size))])


def _scientific(number: _Digits, shape: Pattern) -> str:
    least, repeat = shape.least_whole, shape.most_whole
    exponent = number.point
    if repeat > 1 and repeat > least:
        exponent = _towards_zero(exponent - (1 if exponent >= 1 else repeat), repeat) * repeat
        least = 1
    else:
        exponent -= least
    whole_digits = number.point - exponent if number.digits else least
    count = max(len(number.digits), shape.least_whole + shape.least_fraction, whole_digits)
    digits = number.digits.ljust(count, "0")
    fraction = digits[whole_digits:]
    point = "." if fraction or shape.always_point else ""
    power = exponent if number.digits else 0
    return f"{digits[:whole_digits]}{point}{fraction}E{'-' * (power < 0)}{abs(power):0{shape.exponent_digits}d}"


def _towards_zero(number: int, divisor: int) -> int:
    return int(math.copysign(abs(number) // divisor, number))
