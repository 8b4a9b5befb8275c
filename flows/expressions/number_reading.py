"""Read numbers from texts in the manner of Java: octal, hexadecimal, letters at the end that name the kind."""

from __future__ import annotations

import math
import re
from decimal import Decimal

from flows.expressions.errors import EvaluationError
from flows.expressions.numbers import Float32, Long, Number, as_decimal, bounded, number_text

MAX_DIGITS = 1000
SPELT = re.compile(
    r"(?P<sign>[-+]?)(?:(?:0[xX]|#)(?P<hex>[0-9a-fA-F]+)"
    r"|(?P<whole>\d+)(?P<kind>[lLfFdD]?)"
    r"|(?P<real>(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][-+]?\d+)?)(?P<real_kind>[fFdD]?))",
    re.ASCII,
)


def read_number(text: str) -> Number:
    """The number that a text spells, of the narrowest kind that holds it; raises `EvaluationError`.

    A fraction is a Float when its shortest spelling is that of the Double, a Double when it is exactly what is
    written, and an exact number besides.
    """
    match = _match(text)
    kind = (match["kind"] or match["real_kind"] or "").lower()
    if match["hex"] or (match["whole"] and kind in ("", "l")):
        whole = read_whole(text.rstrip("lL"))
        return Long(whole) if kind == "l" else whole
    return _read_fraction(text[: len(text) - len(kind)], kind)


def _read_fraction(digits: str, kind: str) -> Number:
    exact = read_decimal(digits)
    double = float(exact)
    narrow = Float32(double)
    if kind != "d" and _holds(narrow, exact) and (kind or number_text(narrow) == number_text(double)):
        return narrow
    if _holds(double, exact) and (kind or as_decimal(double) == exact):
        return double
    return exact


def _holds(value: float, exact: Decimal) -> bool:
    """Whether the float is neither too small nor too large for the number."""
    return math.isfinite(value) and (value != 0.0 or not exact)


def read_whole(text: str) -> int:
    """A whole number that may be octal (`012`) or hexadecimal (`0x1F`, `#1F`); raises `EvaluationError`."""
    match = _match(text)
    if match["hex"]:
        return int(match["sign"] + match["hex"], 16)
    digits = match["whole"]
    if digits is None or match["kind"]:
        raise _no_number(text)
    try:
        return int(match["sign"] + digits, 8 if len(digits) > 1 and digits[0] == "0" else 10)
    except ValueError:
        raise _no_number(text) from None


def read_decimal(text: str) -> Decimal:
    """An exact number, without a sign when it is zero; raises `EvaluationError`."""
    match = _match(text)
    if match["hex"] or match["kind"] or match["real_kind"]:
        raise _no_number(text)
    exact = Decimal(text)
    bounded(exact)
    return exact if exact else exact.copy_abs()


def read_double(text: str) -> float:
    """A double, or one of the words for what is none (`NaN`, `Infinity`); raises `EvaluationError`."""
    plain = text.strip()
    if plain.lstrip("+-") in ("NaN", "Infinity"):
        return float(plain)
    match = _match(plain)
    if match["hex"] or (match["kind"] or "").lower() == "l":
        raise _no_number(text)
    return float(plain.rstrip("fFdD"))


def _match(text: str) -> re.Match[str]:
    match = SPELT.fullmatch(text) if len(text) <= MAX_DIGITS else None
    if match is None:
        raise _no_number(text)
    return match


def _no_number(text: str) -> EvaluationError:
    if len(text) > MAX_DIGITS:
        return EvaluationError(f"A number has at most {MAX_DIGITS} digits")
    return EvaluationError(f"The text `{text[:60]}` is not a number")
