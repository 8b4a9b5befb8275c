"""Changing the variables of the running execution."""

from __future__ import annotations

from typing import Any, ClassVar

from plugins.contracts import Outcome, Property, RunContext, RunnableTask, VariableChange
from plugins.contracts.dynamic import default


class SetVariables(RunnableTask):
    """Set variables of the execution, for every task that comes after; `{{ vars.<name> }}` gives them.

    Maps are merged with those that are there, however deep. The variables of the flow stay as they are.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.execution.SetVariables"
    CHANGES_VARIABLES: ClassVar[bool] = True
    CHANGES_EXECUTION: ClassVar[bool] = True
    TITLE: ClassVar[str] = "Set variables of the execution"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: set_variables
namespace: company.team
variables:
  count: 1
tasks:
  - id: raise
    type: io.kestra.plugin.core.execution.SetVariables
    variables:
      count: "{{ vars.count + 1 }}"
      seen: ["{{ execution.id }}"]
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ vars.count }}"
""",
    )

    variables: Property[dict[str, Any]]
    """Names and values."""
    overwrite: Property[bool] = default(True)
    """Replace variables that are there; otherwise one that is there fails the task."""

    def run(self, ctx: RunContext) -> Outcome:
        values = ctx.render(self.variables)
        return Outcome(variables=VariableChange(values=values, overwrite=ctx.render(self.overwrite)))
