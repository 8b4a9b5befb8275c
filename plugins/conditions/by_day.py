"""Conditions that say the same about every moment of a day."""

from __future__ import annotations

from plugins.conditions.day_week import DayWeek
from plugins.conditions.day_week_in_month import DayWeekInMonth
from plugins.conditions.facts import TRIGGER_DATE
from plugins.conditions.not_condition import Not
from plugins.conditions.or_condition import Or
from plugins.conditions.public_holiday import PublicHoliday
from plugins.conditions.weekend import Weekend
from plugins.contracts import Condition


def decides_by_day(condition: Condition) -> bool:
    """Whether it looks at nothing but the day of the trigger's date."""
    if isinstance(condition, Not | Or):
        return all(decides_by_day(inner) for inner in condition.conditions)
    if not isinstance(condition, DayWeek | DayWeekInMonth | Weekend | PublicHoliday):
        return False
    return condition.date.replace(" ", "") == TRIGGER_DATE.replace(" ", "")
