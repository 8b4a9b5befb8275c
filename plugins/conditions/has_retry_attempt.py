"""HasRetryAttempt: an execution in which a task was tried again."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from plugins.contracts import Condition, ConditionFacts, State


class HasRetryAttempt(Condition):
    """True when a task run had more than one attempt and one of them ended in a state of `in` and none of `notIn`."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.HasRetryAttempt"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.HasRetryAttemptCondition",
        "io.kestra.plugin.core.condition.HasRetryAttemptCondition",
    )
    TITLE: ClassVar[str] = "An execution with retried tasks"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: after_retries
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello"
triggers:
  - id: upstream
    type: io.kestra.plugin.core.trigger.Flow
    conditions:
      - type: io.kestra.plugin.core.condition.HasRetryAttempt
        in: [FAILED]
""",
    )

    in_: list[State] | None = Field(default=None, alias="in")
    not_in: list[State] | None = None

    def holds(self, facts: ConditionFacts) -> bool:
        runs = (facts.execution or {}).get("attempts") or []
        return any(self._matches(state) for states in runs if len(states) > 1 for state in states)

    def _matches(self, state: str) -> bool:
        is_wanted = self.in_ is None or state in self.in_
        return is_wanted and (self.not_in is None or state not in self.not_in)
