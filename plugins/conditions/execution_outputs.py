"""ExecutionOutputs: an expression over what the upstream flow gave back."""

from __future__ import annotations

from typing import ClassVar

from plugins.contracts import Condition, ConditionFacts
from plugins.contracts.truth import is_true


class ExecutionOutputs(Condition):
    """True when the expression over `trigger.outputs` is; false, and not even read, when there are no outputs."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.ExecutionOutputs"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.ExecutionOutputsCondition",
        "io.kestra.plugin.core.condition.ExecutionOutputsCondition",
    )
    TITLE: ClassVar[str] = "An execution whose flow gave certain outputs"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: after_good_output
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello"
triggers:
  - id: upstream
    type: io.kestra.plugin.core.trigger.Flow
    conditions:
      - type: io.kestra.plugin.core.condition.ExecutionOutputs
        expression: "{{ trigger.outputs.status == 'good' }}"
""",
    )

    expression: str

    def holds(self, facts: ConditionFacts) -> bool:
        outputs = (facts.execution or {}).get("outputs")
        if not outputs:
            return False
        trigger = {**(facts.scope.get("trigger") or {}), "outputs": outputs}
        return is_true(facts.render(self.expression, {"trigger": trigger}))
