"""Removing variables of the running execution."""

from __future__ import annotations

from typing import ClassVar

from plugins.contracts import Outcome, Property, RunContext, RunnableTask, VariableChange
from plugins.contracts.dynamic import default


class UnsetVariables(RunnableTask):
    """Remove variables of the execution, for every task that comes after."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.execution.UnsetVariables"
    CHANGES_VARIABLES: ClassVar[bool] = True
    CHANGES_EXECUTION: ClassVar[bool] = True
    TITLE: ClassVar[str] = "Unset variables of the execution"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: unset_variables
namespace: company.team
variables:
  draft: true
tasks:
  - id: unset
    type: io.kestra.plugin.core.execution.UnsetVariables
    variables: [draft, unknown]
    ignoreMissing: true
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ vars.draft ?? 'no draft' }}"
""",
    )

    variables: Property[list[str]]
    """The names."""
    ignore_missing: Property[bool] = default(False)
    """Pass over names that are no variables; otherwise one fails the task."""

    def run(self, ctx: RunContext) -> Outcome:
        removed = ctx.render(self.variables)
        return Outcome(variables=VariableChange(removed=removed, ignores_missing=ctx.render(self.ignore_missing)))
