"""ExecutionNamespace: an execution in a namespace."""

from __future__ import annotations

from typing import ClassVar, Literal

from plugins.contracts import Condition, ConditionFacts


class ExecutionNamespace(Condition):
    """True when the namespace of the execution equals, begins with or ends with `namespace`."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.ExecutionNamespace"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.ExecutionNamespaceCondition",
        "io.kestra.plugin.core.condition.ExecutionNamespaceCondition",
    )
    TITLE: ClassVar[str] = "An execution in a namespace"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: after_any_in_namespace
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello"
triggers:
  - id: upstream
    type: io.kestra.plugin.core.trigger.Flow
    conditions:
      - type: io.kestra.plugin.core.condition.ExecutionNamespace
        namespace: company
        comparison: PREFIX
""",
    )

    namespace: str
    comparison: Literal["EQUALS", "PREFIX", "SUFFIX"] | None = None
    prefix: bool = False

    def holds(self, facts: ConditionFacts) -> bool:
        own = str((facts.execution or {}).get("namespace", ""))
        comparison = self.comparison or ("PREFIX" if self.prefix else "EQUALS")
        if comparison == "PREFIX":
            return own.startswith(self.namespace)
        return own.endswith(self.namespace) if comparison == "SUFFIX" else own == self.namespace
