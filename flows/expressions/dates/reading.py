"""Understand a value as a moment."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from typing import Any

from flows.expressions.dates.zones import zone
from flows.expressions.errors import EvaluationError

ISO = re.compile(
    r"(\d{4,5})-(\d{2})-(\d{2})"
    r"(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?"
    r"\s*(Z|[+-]\d{2}(?::?\d{2})?(?::?\d{2})?)?(?:\[([\w/+:-]+)\])?)?",
    re.IGNORECASE,
)
UNITS = ((1e11, 1_000_000), (1e14, 1_000), (1e17, 1), (1e20, 0))
"""Up to which size a number counts in a unit, and how many microseconds that unit has; none for nanoseconds."""


def moment_of(value: Any, target: tzinfo) -> datetime:
    """The value as an aware moment in the target zone; a date without zone is taken to be in that zone."""
    try:
        return _moment(value, target)
    except (ValueError, OverflowError) as error:
        raise EvaluationError(f"The value is not a date that exists: {error}") from None


def own_zone(value: Any) -> tzinfo | None:
    """The zone that a date carries itself, unless it is a bare point in time."""
    if isinstance(value, datetime):
        return value.tzinfo if value.tzinfo is not UTC else None
    if not isinstance(value, str):
        return None
    match = ISO.fullmatch(value.strip())
    name = match and (match.group(9) or match.group(8))
    return zone(name) if name and name not in "Zz" else None


def _moment(value: Any, target: tzinfo) -> datetime:
    if isinstance(value, datetime):
        return local(value, target) if value.tzinfo is None else value.astimezone(target)
    if isinstance(value, date):
        return local(datetime.combine(value, time(12)), target)
    if isinstance(value, str):
        return _from_text(value.strip(), target)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value, target)
    raise EvaluationError(f"A {type(value).__name__} is not a date")


def _from_number(value: int | float, target: tzinfo) -> datetime:
    """Time since 1970 in the unit that its size tells: seconds, milli-, micro- or nanoseconds."""
    unit = next((unit for limit, unit in UNITS if abs(value) < limit), None)
    if unit is None:
        raise EvaluationError("The number is too large for a date")
    micros = int(value * unit) if unit >= 1 else int(value) // 1000
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).astimezone(target)


def _from_text(text: str, target: tzinfo) -> datetime:
    match = ISO.fullmatch(text)
    if match is None:
        return _from_other(text, target)
    year, month, day, hour, minute, second, fraction, offset, region = match.groups()
    micros = int((fraction or "0").ljust(6, "0")[:6])
    moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), micros)
    if offset or region:
        return moment.replace(tzinfo=zone(offset or region)).astimezone(target)
    return local(moment, target)


def local(moment: datetime, target: tzinfo) -> datetime:
    """What the clocks of a zone show as a moment there; a time that they skip is moved forward by what they skip."""
    placed = moment.replace(tzinfo=target)
    return placed.astimezone(UTC).astimezone(target)


def _from_other(text: str, target: tzinfo) -> datetime:
    if text[:3].isalpha() and len(text) < 64:
        try:
            return parsedate_to_datetime(text).astimezone(target)
        except (ValueError, TypeError, IndexError):
            pass
    raise EvaluationError(f"The text `{text[:60]}` is not a date that can be read without `existingFormat`")
