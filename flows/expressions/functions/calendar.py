"""Functions about the place of a date in the calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from flows.expressions.dates.conversion import moment
from flows.expressions.dates.methods import WEEKDAYS
from flows.expressions.dates.reading import moment_of, own_zone
from flows.expressions.errors import ArgumentError
from flows.expressions.filters.arguments import text_argument
from flows.expressions.frame import Frame
from flows.expressions.registry import Taint, function

DAYS = WEEKDAYS
POSITIONS = ("FIRST", "SECOND", "THIRD", "FOURTH")


def _local(frame: Frame, value: Any, time_zone: Any) -> datetime:
    """The date as it reads where it was made, or in the zone that is asked for."""
    own = own_zone(value) if time_zone is None else None
    return moment(frame, value, time_zone) if own is None else moment_of(value, own)


@function("isWeekend", taint=Taint.DROPS)
def is_weekend(frame: Frame, date: Any, time_zone: Any = None) -> bool:
    """Whether the date is a Saturday or Sunday. `{{ isWeekend('2024-06-01') }}` = `true`"""
    return _local(frame, date, time_zone).weekday() >= 5


@function("isPublicHoliday", taint=Taint.DROPS)
def is_public_holiday(frame: Frame, date: Any, country_code: Any, sub_division: Any = None) -> bool:
    """Whether the date is a public holiday of a country. `{{ isPublicHoliday('2024-07-04', 'US') }}` = `true`"""
    day = _local(frame, date, None).date()
    country = text_argument("countryCode", country_code).upper()
    division = None if sub_division is None else text_argument("subDivision", sub_division)
    return day in _holidays(country, division and division.upper().removeprefix(f"{country}-"), day.year)


@lru_cache(maxsize=64)
def _holidays(country: str, division: str | None, year: int) -> frozenset[date]:
    import holidays

    try:
        found = holidays.country_holidays(country[:8], subdiv=division, years=year)
    except NotImplementedError:
        where = country[:8] + (f"-{division[:8]}" if division else "")
        raise ArgumentError(f"There is no calendar of public holidays for `{where}`") from None
    return frozenset(found)


@function("isDayWeekInMonth", taint=Taint.DROPS)
def is_day_week_in_month(frame: Frame, date: Any, day_of_week: Any, position: Any) -> bool:
    """Whether it is that weekday of its month. `{{ isDayWeekInMonth('2024-06-03', 'MONDAY', 'FIRST') }}` = `true`"""
    day, wanted = _local(frame, date, None), text_argument("dayOfWeek", day_of_week).upper()
    place = text_argument("position", position).upper()
    if wanted not in DAYS or place not in (*POSITIONS, "LAST"):
        raise ArgumentError(
            f"`isDayWeekInMonth` needs one of {', '.join(DAYS)} and one of {', '.join(POSITIONS)}, LAST"
        )
    if DAYS[day.weekday()] != wanted:
        return False
    if place == "LAST":
        return (day + timedelta(days=7)).month != day.month
    return (day.day - 1) // 7 == POSITIONS.index(place)


@function("dayOfWeek")
def day_of_week(frame: Frame, date: Any, time_zone: Any = None) -> str:
    """The name of the weekday. `{{ dayOfWeek('2024-06-03') }}` = `MONDAY`"""
    return DAYS[_local(frame, date, time_zone).weekday()]


@function("dayOfMonth")
def day_of_month(frame: Frame, date: Any, time_zone: Any = None) -> int:
    """The day in its month. `{{ dayOfMonth('2024-06-03') }}` = `3`"""
    return _local(frame, date, time_zone).day


@function("monthOfYear")
def month_of_year(frame: Frame, date: Any, time_zone: Any = None) -> int:
    """The month in its year. `{{ monthOfYear('2024-06-03') }}` = `6`"""
    return _local(frame, date, time_zone).month


@function("hourOfDay")
def hour_of_day(frame: Frame, date: Any, time_zone: Any = None) -> int:
    """The hour in its day. `{{ hourOfDay('2024-06-03T13:30:00') }}` = `13`"""
    return _local(frame, date, time_zone).hour
