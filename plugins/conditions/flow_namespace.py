"""FlowNamespaceCondition: a flow in a namespace."""

from __future__ import annotations

from typing import ClassVar

from plugins.contracts import Condition, ConditionFacts


class FlowNamespaceCondition(Condition):
    """True when the namespace of the flow equals `namespace`, or begins with it when `prefix` is set."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.FlowNamespaceCondition"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.FlowNamespaceCondition",
        "io.kestra.plugin.core.condition.FlowNamespace",
    )
    TITLE: ClassVar[str] = "A flow in a namespace"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: only_this_namespace
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello"
triggers:
  - id: upstream
    type: io.kestra.plugin.core.trigger.Flow
    conditions:
      - type: io.kestra.plugin.core.condition.FlowNamespaceCondition
        namespace: company
        prefix: true
""",
    )

    namespace: str
    prefix: bool = False

    def holds(self, facts: ConditionFacts) -> bool:
        own = str(facts.flow.get("namespace", ""))
        return own.startswith(self.namespace) if self.prefix else own == self.namespace
