"""Not: when none of some conditions holds."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from plugins.contracts import Condition, ConditionFacts


class Not(Condition):
    """True when none of its conditions holds."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.Not"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.NotCondition",
        "io.kestra.plugin.core.condition.NotCondition",
    )
    TITLE: ClassVar[str] = "None of these conditions"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: not_at_the_weekend
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
      - type: io.kestra.plugin.core.condition.Not
        conditions:
          - type: io.kestra.plugin.core.condition.Weekend
""",
    )

    conditions: list[Condition] = Field(min_length=1)

    def holds(self, facts: ConditionFacts) -> bool:
        return not any(condition.holds(facts) for condition in self.conditions)
