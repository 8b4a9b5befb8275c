"""Write numbers by patterns like `#,##0.00`, `00.#%` or `0.###E0`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from functools import lru_cache

from flows.expressions.errors import ArgumentError
from flows.expressions.numbers import Number, as_decimal

MAX_PATTERN = 200
NUMBER_PART = re.compile(r"[#0,.]+(?:E0+)?")
QUOTED = re.compile(r"'([^']*)'")
SIGNS = {"%": 2, "‰": 3}


@dataclass(frozen=True, slots=True)
class Pattern:
    prefix: str
    suffix: str
    least_whole: int
    most_whole: int
    least_fraction: int
    most_fraction: int
    group: int
    exponent_digits: int
    shift: int
    negative: tuple[str, str]


@lru_cache(maxsize=256)
def parse_pattern(pattern: str) -> Pattern:
    """Raises `ArgumentError` for a pattern that is none."""
    if len(pattern) > MAX_PATTERN:
        raise ArgumentError(f"A number pattern has at most {MAX_PATTERN} characters")
    positive, _, negative = pattern.partition(";")
    prefix, body, suffix = _affixes(positive, pattern)
    before, _, after = _affixes(negative, pattern) if negative else ("-" + prefix, "", suffix)
    number, _, exponent = body.partition("E")
    whole, _, fraction = number.partition(".")
    if re.search(r"0[^0]*#|,,|,$", whole) or re.search(r"#0|,", fraction) or "." in fraction:
        raise ArgumentError(f"Malformed number pattern `{pattern}`")
    digits = whole.replace(",", "")
    least = digits.count("0")
    return Pattern(
        prefix,
        suffix,
        least if exponent or least or fraction else 1,
        len(digits),
        fraction.count("0"),
        len(fraction),
        len(whole) - whole.rfind(",") - 1 if "," in whole else 0,
        len(exponent),
        max((power for sign, power in SIGNS.items() if sign in prefix + suffix), default=0),
        (before, after),
    )


def _affixes(part: str, pattern: str) -> tuple[str, str, str]:
    match = NUMBER_PART.search(QUOTED.sub(lambda quoted: "\x00" * len(quoted.group()), part))
    if match is None:
        raise ArgumentError(f"Malformed number pattern `{pattern}`")
    before, after = part[: match.start()], part[match.end() :]
    return _unquoted(before), part[match.start() : match.end()], _unquoted(after)


def _unquoted(text: str) -> str:
    return QUOTED.sub(lambda match: match.group(1) or "'", text).replace("¤", "$")


def format_number(value: Number, pattern: str) -> str:
    """The number by the pattern, rounded half to even."""
    shape = parse_pattern(pattern)
    exact = as_decimal(value)
    if not exact.is_finite():
        return "NaN" if exact.is_nan() else ("-∞" if exact < 0 else "∞")
    with localcontext() as context:
        context.prec = 2600
        text = _scientific(abs(exact), shape) if shape.exponent_digits else _plain(abs(exact), shape)
    if exact.is_signed() and (exact != 0):
        return shape.negative[0] + text + shape.negative[1]
    return shape.prefix + text + shape.suffix


def _plain(exact: Decimal, shape: Pattern) -> str:
    scaled = exact.scaleb(shape.shift)
    rounded = scaled.quantize(Decimal(1).scaleb(-shape.most_fraction), rounding=ROUND_HALF_EVEN)
    whole, _, fraction = f"{rounded:f}".partition(".")
    whole = whole.lstrip("0").rjust(shape.least_whole, "0")
    return (_grouped(whole, shape.group) + _fraction(fraction, shape.least_fraction)) or "0"


def _fraction(digits: str, least: int) -> str:
    kept = digits.rstrip("0").ljust(least, "0")
    return f".{kept}" if kept else ""


def _grouped(whole: str, size: int) -> str:
    if not size:
        return whole
    start = len(whole) % size
    groups = [whole[:start]] if start else []
    return ",".join([*groups, *(whole[at : at + size] for at in range(start, len(whole), size))])


def _scientific(exact: Decimal, shape: Pattern) -> str:
    whole_digits = max(shape.least_whole, 1)
    power = exact.adjusted() - (whole_digits - 1) if exact else 0
    if shape.most_whole > whole_digits and exact:
        power = exact.adjusted() // shape.most_whole * shape.most_whole
    mantissa = exact.scaleb(-power).quantize(Decimal(1).scaleb(-shape.most_fraction), rounding=ROUND_HALF_EVEN)
    whole, _, fraction = f"{mantissa:f}".partition(".")
    sign = "-" if power < 0 else ""
    return f"{whole}{_fraction(fraction, shape.least_fraction)}E{sign}{abs(power):0{shape.exponent_digits}d}"
