"""DayWeekInMonth: on the first, second, ... or last such day of a month."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar, Literal

from plugins.conditions.calendar import DayOfWeek
from plugins.conditions.facts import TRIGGER_DATE, day_of
from plugins.contracts import Condition, ConditionFacts

_PLACES = {"FIRST": 1, "SECOND": 2, "THIRD": 3, "FOURTH": 4}


class DayWeekInMonth(Condition):
    """True when `date` is, say, the first Monday of its month."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.DayWeekInMonth"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.DayWeekInMonthCondition",
        "io.kestra.plugin.core.condition.DayWeekInMonthCondition",
    )
    TITLE: ClassVar[str] = "On the first, second, third, fourth or last such day of the month"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: first_monday
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello"
triggers:
  - id: schedule
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 11 * * *"
    conditions:
      - type: io.kestra.plugin.core.condition.DayWeekInMonth
        dayOfWeek: MONDAY
        dayInMonth: FIRST
""",
    )

    day_of_week: DayOfWeek
    day_in_month: Literal["FIRST", "SECOND", "THIRD", "FOURTH", "LAST"]
    date: str = TRIGGER_DATE

    def holds(self, facts: ConditionFacts) -> bool:
        day = day_of(self.date, facts)
        if day.weekday() != self.day_of_week.number:
            return False
        if self.day_in_month == "LAST":
            return _is_last(day)
        return (day.day - 1) // 7 + 1 == _PLACES[self.day_in_month]


def _is_last(day: date) -> bool:
    return (day + timedelta(days=7)).month != day.month
