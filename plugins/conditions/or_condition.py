"""Or: when one of some conditions holds."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from plugins.contracts import Condition, ConditionFacts


class Or(Condition):
    """True when at least one of its conditions holds."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.Or"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.OrCondition",
        "io.kestra.plugin.core.condition.OrCondition",
    )
    TITLE: ClassVar[str] = "One of these conditions"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: monday_or_weekend
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
      - type: io.kestra.plugin.core.condition.Or
        conditions:
          - type: io.kestra.plugin.core.condition.Weekend
          - type: io.kestra.plugin.core.condition.DayWeek
            dayOfWeek: MONDAY
""",
    )

    conditions: list[Condition] = Field(min_length=1)

    def holds(self, facts: ConditionFacts) -> bool:
        return any(condition.holds(facts) for condition in self.conditions)
