"""Weekend: on a Saturday or Sunday."""

from __future__ import annotations

from typing import ClassVar

from plugins.conditions.facts import TRIGGER_DATE, day_of
from plugins.contracts import Condition, ConditionFacts

_SATURDAY = 5


class Weekend(Condition):
    """True when `date` is a Saturday or a Sunday."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.Weekend"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.WeekendCondition",
        "io.kestra.plugin.core.condition.WeekendCondition",
    )
    TITLE: ClassVar[str] = "At the weekend"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: at_the_weekend
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
      - type: io.kestra.plugin.core.condition.Weekend
""",
    )

    date: str = TRIGGER_DATE

    def holds(self, facts: ConditionFacts) -> bool:
        return day_of(self.date, facts).weekday() >= _SATURDAY
