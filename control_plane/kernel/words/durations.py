"""Durations as people and ISO 8601 write them."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer

_DAYS = {"Y": 365, "M": 30, "W": 7, "D": 1}
_ISO = re.compile(
    r"(?P<sign>[-+])?P(?:(?P<Y>[-+]?\d+)Y)?(?:(?P<M>[-+]?\d+)M)?(?:(?P<W>[-+]?\d+)W)?(?:(?P<D>[-+]?\d+)D)?"
    r"(?P<time>T(?:(?P<h>[-+]?\d+)H)?(?:(?P<m>[-+]?\d+)M)?(?:(?P<s>[-+]?\d+(?:[.,]\d{0,9})?)S)?)?",
    re.IGNORECASE,
)
_SECONDS = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d{1,2})?")
_PART = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*,?", re.IGNORECASE)
_UNITS = {
    "ms": "0.001",
    "millisecond": "0.001",
    "milli": "0.001",
    "s": "1",
    "sec": "1",
    "second": "1",
    "m": "60",
    "min": "60",
    "minute": "60",
    "h": "3600",
    "hr": "3600",
    "hour": "3600",
    "d": "86400",
    "day": "86400",
    "w": "604800",
    "week": "604800",
}
_LONGEST = 100


def parse_duration(text: str) -> timedelta:
    """`PT5M`, `pt5m`, `P1DT2H`, `P1M`, `-PT4H`, `5m`, `1h 30m`, `90 seconds`, and a bare number of seconds, as `90.5`.

    A year is 365 days, a month 30. Raises ValueError with a sentence about the text.
    """
    word = text.strip()
    seconds = None if len(word) > _LONGEST else _iso_seconds(word)
    if seconds is None and len(word) <= _LONGEST:
        seconds = Decimal(word) if _SECONDS.fullmatch(word) else _human_seconds(word)
    if seconds is None:
        raise ValueError(f"`{word[:_LONGEST]}` is not a duration: write it like `PT5M`, `P1DT2H` or `5m`")
    return _of_seconds(seconds, word)


def parse_iso_duration(text: str) -> timedelta:
    """The forms of ISO 8601 alone, or a bare number of seconds. Raises ValueError."""
    word = text.strip()
    seconds = None if len(word) > _LONGEST else _iso_seconds(word)
    if seconds is None and len(word) <= _LONGEST and _SECONDS.fullmatch(word):
        seconds = Decimal(word)
    if seconds is None:
        raise ValueError(f"`{word[:_LONGEST]}` is not a duration like `PT5M` or `P1DT2H`")
    return _of_seconds(seconds, word)


def _of_seconds(seconds: Decimal, word: str) -> timedelta:
    try:
        return timedelta(microseconds=int(seconds * 1_000_000))
    except OverflowError:
        raise ValueError(f"the duration `{word}` is too long") from None


def _iso_seconds(word: str) -> Decimal | None:
    match = _ISO.fullmatch(word)
    if match is None or not any(match[unit] for unit in "YMWDhms"):
        return None
    if match["time"] and len(match["time"]) == 1:
        return None
    total = Decimal(sum(int(match[unit] or 0) * days for unit, days in _DAYS.items())) * 86400
    total += Decimal(match["h"] or 0) * 3600 + Decimal(match["m"] or 0) * 60
    total += Decimal((match["s"] or "0").replace(",", "."))
    return -total if match["sign"] == "-" else total


def _human_seconds(word: str) -> Decimal | None:
    total, index = Decimal(0), 0
    while index < len(word):
        match = _PART.match(word, index)
        unit = _unit(match[2]) if match else None
        if match is None or unit is None:
            return None
        total += Decimal(match[1]) * Decimal(unit)
        index = match.end()
    return total if word else None


def _unit(name: str) -> str | None:
    lowered = name.lower()
    return _UNITS.get(lowered) or _UNITS.get(lowered.removesuffix("s"))


def format_duration(value: timedelta) -> str:
    """ISO 8601 in hours, minutes and seconds, as `PT49H1.5S`; zero is `PT0S`."""
    micros = value // timedelta(microseconds=1)
    if micros == 0:
        return "PT0S"
    sign = "-" if micros < 0 else ""
    seconds, rest = divmod(abs(micros), 1_000_000)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    text = "".join(f"{sign}{amount}{unit}" for amount, unit in ((hours, "H"), (minutes, "M")) if amount)
    fraction = f".{rest:06d}".rstrip("0") if rest else ""
    return f"PT{text}" + (f"{sign}{seconds}{fraction}S" if seconds or rest else "")


def format_plainly(value: timedelta) -> str:
    """As people say it, in the largest unit that is whole: `30 minutes`, `1 hour`, `90 seconds`."""
    seconds = int(value.total_seconds())
    for unit, size in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds and seconds % size == 0:
            return _counted(seconds // size, unit)
    return _counted(seconds, "second")


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _coerce(value: Any) -> Any:
    if isinstance(value, str):
        return parse_duration(value)
    if isinstance(value, bool):
        raise ValueError("a duration is expected, like `PT5M`")
    return value


Duration = Annotated[timedelta, BeforeValidator(_coerce), PlainSerializer(format_duration, when_used="json")]
"""A timedelta that reads every form of `parse_duration`, and a number as seconds."""
