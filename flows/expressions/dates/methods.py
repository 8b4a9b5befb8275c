"""The methods that flows call on dates, times, moments and durations."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from flows.expressions.dates.zones import offset_text, zone, zone_id
from flows.expressions.limits import Run
from flows.expressions.numbers import Long

Method = Callable[..., Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
MONTHS = (
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
)


def months_later(day: Any, months: int) -> Any:
    """The same day that many months later, or the last of that month; works for dates and moments."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(year=year, month=month + 1, day=min(day.day, monthrange(year, month + 1)[1]))


def time_later(moment: datetime, amount: timedelta) -> datetime:
    """The moment after so much time has passed, whatever the clocks in its zone do."""
    if moment.tzinfo is None:
        return moment + amount
    return (moment.astimezone(UTC) + amount).astimezone(moment.tzinfo)


def _both_ways(name: str, move: Callable[[Any, int], Any]) -> dict[str, Method]:
    return {
        f"plus{name}": lambda run, value, amount: move(value, amount),
        f"minus{name}": lambda run, value, amount: move(value, -amount),
    }


DATE_METHODS: dict[str, Method] = {
    "getYear": lambda run, value: value.year,
    "getMonthValue": lambda run, value: value.month,
    "getMonth": lambda run, value: MONTHS[value.month - 1],
    "getDayOfMonth": lambda run, value: value.day,
    "getDayOfYear": lambda run, value: value.timetuple().tm_yday,
    "getDayOfWeek": lambda run, value: WEEKDAYS[value.weekday()],
    "isLeapYear": lambda run, value: monthrange(value.year, 2)[1] == 29,
    "lengthOfMonth": lambda run, value: monthrange(value.year, value.month)[1],
    "isBefore": lambda run, value, other: value < other,
    "isAfter": lambda run, value, other: value > other,
    "isEqual": lambda run, value, other: value == other,
    "withDayOfMonth": lambda run, value, day: value.replace(day=day),
    **_both_ways("Days", lambda value, amount: value + timedelta(days=amount)),
    **_both_ways("Weeks", lambda value, amount: value + timedelta(weeks=amount)),
    **_both_ways("Months", months_later),
    **_both_ways("Years", lambda value, amount: months_later(value, 12 * amount)),
}
TIME_METHODS: dict[str, Method] = {
    "getHour": lambda run, value: value.hour,
    "getMinute": lambda run, value: value.minute,
    "getSecond": lambda run, value: value.second,
    "getNano": lambda run, value: value.microsecond * 1000,
    "isBefore": lambda run, value, other: value < other,
    "isAfter": lambda run, value, other: value > other,
}


def _elapsed(moment: datetime, unit: timedelta) -> Long:
    return Long((moment - EPOCH) // unit)


def _zone(run: Run, value: datetime) -> str:
    return zone_id(value) or offset_text(value)


MOMENT_METHODS: dict[str, Method] = {
    **DATE_METHODS,
    **TIME_METHODS,
    "getEpochSecond": lambda run, value: _elapsed(value, timedelta(seconds=1)),
    "toEpochSecond": lambda run, value: _elapsed(value, timedelta(seconds=1)),
    "toEpochMilli": lambda run, value: _elapsed(value, timedelta(milliseconds=1)),
    "getZone": _zone,
    "getOffset": lambda run, value: offset_text(value),
    "toInstant": lambda run, value: datetime.combine(value.astimezone(UTC).date(), value.astimezone(UTC).timetz()),
    "toLocalDate": lambda run, value: value.date(),
    "toLocalTime": lambda run, value: value.time(),
    "toLocalDateTime": lambda run, value: value.replace(tzinfo=None),
    "atZone": lambda run, value, name: value.astimezone(zone(name)),
    "withZoneSameInstant": lambda run, value, name: value.astimezone(zone(name)),
    **_both_ways("Hours", lambda value, amount: time_later(value, timedelta(hours=amount))),
    **_both_ways("Minutes", lambda value, amount: time_later(value, timedelta(minutes=amount))),
    **_both_ways("Seconds", lambda value, amount: time_later(value, timedelta(seconds=amount))),
    **_both_ways("Millis", lambda value, amount: time_later(value, timedelta(milliseconds=amount))),
}
DURATION_METHODS: dict[str, Method] = {
    "toDays": lambda run, value: value // timedelta(days=1),
    "toHours": lambda run, value: value // timedelta(hours=1),
    "toMinutes": lambda run, value: value // timedelta(minutes=1),
    "toSeconds": lambda run, value: value // timedelta(seconds=1),
    "getSeconds": lambda run, value: value // timedelta(seconds=1),
    "toMillis": lambda run, value: value // timedelta(milliseconds=1),
    "isZero": lambda run, value: not value,
    "isNegative": lambda run, value: value < timedelta(),
}
