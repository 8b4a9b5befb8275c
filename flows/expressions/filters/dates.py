"""Filters for dates: written by a format, moved, counted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flows.expressions.dates.conversion import moment, written
from flows.expressions.dates.methods import months_later
from flows.expressions.errors import ArgumentError, EvaluationError
from flows.expressions.filters.arguments import text_argument, whole_part
from flows.expressions.frame import Frame
from flows.expressions.numbers import Long
from flows.expressions.registry import filter_

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIXED = {
    "NANOS": timedelta(0),
    "MICROS": timedelta(microseconds=1),
    "MILLIS": timedelta(milliseconds=1),
    "SECONDS": timedelta(seconds=1),
    "MINUTES": timedelta(minutes=1),
    "HOURS": timedelta(hours=1),
    "HALF_DAYS": timedelta(hours=12),
}
DAYS = {"DAYS": 1, "WEEKS": 7}
MONTHS = {"MONTHS": 1, "YEARS": 12, "DECADES": 120, "CENTURIES": 1200, "MILLENNIA": 12000}


@filter_("date")
def date(
    frame: Frame,
    value: Any,
    format: Any = None,
    time_zone: Any = None,
    existing_format: Any = None,
    locale: Any = None,
) -> Any:
    """A date by a pattern or a named format. `{{ "2024-01-15" | date("d MMMM yyyy") }}` = `15 January 2024`"""
    if value is None:
        return None
    return written(frame, moment(frame, value, time_zone, existing_format, locale), format, locale)


@filter_("dateAdd")
def date_add(
    frame: Frame,
    value: Any,
    amount: Any,
    unit: Any,
    format: Any = None,
    time_zone: Any = None,
    existing_format: Any = None,
    locale: Any = None,
) -> Any:
    """A date moved by so many units. `{{ "2024-01-31" | dateAdd(1, 'MONTHS') | date('yyyy-MM-dd') }}` = `2024-02-29`"""
    if value is None:
        return None
    start = moment(frame, value, time_zone, existing_format, locale)
    try:
        moved = _moved(start, whole_part("amount", amount), text_argument("unit", unit).upper())
    except (OverflowError, ValueError):
        raise EvaluationError("The date would lie outside the years 1 to 9999") from None
    return written(frame, moved, format, locale)


def _moved(start: datetime, amount: int, unit: str) -> datetime:
    if unit in FIXED:
        return (start.astimezone(UTC) + _fixed(amount, unit)).astimezone(start.tzinfo)
    if unit in DAYS:
        return _settled(start + timedelta(days=amount * DAYS[unit]))
    if unit not in MONTHS:
        known = ", ".join([*FIXED, *DAYS, *MONTHS])
        raise ArgumentError(f"The argument `unit` must be one of {known}")
    return _settled(months_later(start, amount * MONTHS[unit]))


def _settled(moment: datetime) -> datetime:
    """A time of the day that the clocks of its zone skip is moved forward."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo)


def _fixed(amount: int, unit: str) -> timedelta:
    return timedelta(microseconds=amount // 1000) if unit == "NANOS" else amount * FIXED[unit]


def _micros(frame: Frame, value: Any, time_zone: Any, existing_format: Any) -> int:
    return (moment(frame, value, time_zone, existing_format) - EPOCH) // timedelta(microseconds=1)


@filter_("timestamp")
def timestamp(frame: Frame, value: Any, existing_format: Any = None, time_zone: Any = None) -> Any:
    """Seconds since 1970. `{{ "1970-01-02T00:00:00Z" | timestamp }}` = `86400`"""
    return None if value is None else Long(_micros(frame, value, time_zone, existing_format) // 1_000_000)


@filter_("timestampMilli")
def timestamp_milli(frame: Frame, value: Any, existing_format: Any = None, time_zone: Any = None) -> Any:
    """Milliseconds since 1970. `{{ "1970-01-01T00:00:01Z" | timestampMilli }}` = `1000`"""
    return None if value is None else Long(_micros(frame, value, time_zone, existing_format) // 1_000)


@filter_("timestampMicro")
def timestamp_micro(frame: Frame, value: Any, existing_format: Any = None, time_zone: Any = None) -> Any:
    """Microseconds since 1970. `{{ "1970-01-01T00:00:01Z" | timestampMicro }}` = `1000000`"""
    if value is None:
        return None
    micros = _micros(frame, value, time_zone, existing_format)
    if frame.env.legacy_timestamp_micro:
        return Long(micros // 1_000_000 * 1_000_000_000 + micros % 1_000_000)
    return Long(micros)


@filter_("timestampNano")
def timestamp_nano(frame: Frame, value: Any, existing_format: Any = None, time_zone: Any = None) -> Any:
    """Nanoseconds since 1970. `{{ "1970-01-01T00:00:01Z" | timestampNano }}` = `1000000000`"""
    return None if value is None else Long(_micros(frame, value, time_zone, existing_format) * 1_000)
