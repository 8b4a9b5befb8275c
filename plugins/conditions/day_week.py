"""DayWeek: on one day of the week."""

from __future__ import annotations

from typing import ClassVar

from plugins.conditions.calendar import DayOfWeek
from plugins.conditions.facts import TRIGGER_DATE, day_of
from plugins.contracts import Condition, ConditionFacts


class DayWeek(Condition):
    """True when `date` is that day of the week."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.DayWeek"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.DayWeekCondition",
        "io.kestra.plugin.core.condition.DayWeekCondition",
    )
    TITLE: ClassVar[str] = "On one day of the week"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: thursdays
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
      - type: io.kestra.plugin.core.condition.DayWeek
        dayOfWeek: THURSDAY
""",
    )

    day_of_week: DayOfWeek
    date: str = TRIGGER_DATE

    def holds(self, facts: ConditionFacts) -> bool:
        return day_of(self.date, facts).weekday() == self.day_of_week.number
