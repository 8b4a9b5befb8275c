"""ExecutionFlow: an execution of one flow."""

from __future__ import annotations

from typing import ClassVar

from plugins.contracts import Condition, ConditionFacts


class ExecutionFlow(Condition):
    """True when the execution is one of that flow."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.ExecutionFlow"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.ExecutionFlowCondition",
        "io.kestra.plugin.core.condition.ExecutionFlowCondition",
    )
    TITLE: ClassVar[str] = "An execution of one flow"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: after_one_flow
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello"
triggers:
  - id: upstream
    type: io.kestra.plugin.core.trigger.Flow
    conditions:
      - type: io.kestra.plugin.core.condition.ExecutionFlow
        namespace: company.team
        flowId: upstream
""",
    )

    namespace: str
    flow_id: str

    def holds(self, facts: ConditionFacts) -> bool:
        execution = facts.execution or {}
        return execution.get("namespace") == self.namespace and execution.get("flowId") == self.flow_id
