"""FlowCondition: a trigger of one flow."""

from __future__ import annotations

from typing import ClassVar

from plugins.contracts import Condition, ConditionFacts


class FlowCondition(Condition):
    """True when the flow is that one."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.FlowCondition"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.FlowCondition",
        "io.kestra.plugin.core.condition.Flow",
    )
    TITLE: ClassVar[str] = "One flow"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: only_this_flow
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello"
triggers:
  - id: upstream
    type: io.kestra.plugin.core.trigger.Flow
    conditions:
      - type: io.kestra.plugin.core.condition.FlowCondition
        namespace: company.team
        flowId: only_this_flow
""",
    )

    namespace: str
    flow_id: str

    def holds(self, facts: ConditionFacts) -> bool:
        return facts.flow.get("namespace") == self.namespace and facts.flow.get("id") == self.flow_id
