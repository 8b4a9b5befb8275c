"""Expression: whatever an expression says."""

from __future__ import annotations

from typing import ClassVar

from plugins.contracts import Condition, ConditionFacts
from plugins.contracts.truth import is_true


class Expression(Condition):
    """True unless the expression renders to nothing, a blank or `false`."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.condition.Expression"
    ALIASES: ClassVar[tuple[str, ...]] = (
        "io.kestra.core.models.conditions.types.ExpressionCondition",
        "io.kestra.core.models.conditions.types.VariableCondition",
        "io.kestra.plugin.core.condition.ExpressionCondition",
    )
    TITLE: ClassVar[str] = "An expression that is true"
    DEPRECATED: ClassVar[str] = "use `when`"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """id: when_expression
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: "Hello"
triggers:
  - id: upstream
    type: io.kestra.plugin.core.trigger.Flow
    conditions:
      - type: io.kestra.plugin.core.condition.Expression
        expression: "{{ trigger.state == 'SUCCESS' }}"
""",
    )

    expression: str

    def holds(self, facts: ConditionFacts) -> bool:
        return is_true(facts.render(self.expression))
