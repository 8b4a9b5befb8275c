"""Weeks as a locale counts them: from its first day, with as many days as make a week of the new year."""

from __future__ import annotations

from calendar import isleap
from datetime import date, timedelta

from flows.expressions.dates.names import Names


def day_of_week(day: date, names: Names) -> int:
    """1 for the first day of the week."""
    return (day.weekday() - names.first_day) % 7 + 1


def week_of_month(day: date, names: Names) -> int:
    """0 for days before the first week of the month."""
    return _week(_offset(day.day, day, names), day.day)


def week_of_year(day: date, names: Names) -> tuple[int, int]:
    """The year that the week belongs to, and its number in it."""
    in_year = day.timetuple().tm_yday
    offset = _offset(in_year, day, names)
    week = _week(offset, in_year)
    if week == 0:
        return week_of_year(day - timedelta(days=in_year), names)
    next_first = _week(offset, 365 + isleap(day.year) + names.least_days)
    return (day.year + 1, week - next_first + 1) if week >= next_first else (day.year, week)


def _offset(number: int, day: date, names: Names) -> int:
    """How many days lie between the first of the month or year and the first day of its first week."""
    start = (number - day_of_week(day, names)) % 7
    return 7 - start if start + 1 > names.least_days else -start


def _week(offset: int, number: int) -> int:
    return (7 + offset + number - 1) // 7
