"""ExecutionStatus: an execution in certain states."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from plugins.contracts import Condition, ConditionFacts, State


class ExecutionStatus(Condition):
    """True when the state of the execution is one of `in` and none of `notIn`; a list left out allows all."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.ExecutionStatus"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.ExecutionStatusCondition",
        "io.kestra.plugin.core.condition.ExecutionStatusCondition",
    )
    TITLE: ClassVar[str] = "An execution in certain states"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: after_success
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello"
triggers:
  - id: upstream
    type: io.kestra.plugin.core.trigger.Flow
    conditions:
      - type: io.kestra.plugin.core.condition.ExecutionStatus
        in: [SUCCESS]
""",
    )

    in_: list[State] | None = Field(default=None, alias="in")
    not_in: list[State] | None = None

    def holds(self, facts: ConditionFacts) -> bool:
        state = (facts.execution or {}).get("state")
        is_wanted = self.in_ is None or state in self.in_
        return is_wanted and (self.not_in is None or state not in self.not_in)
