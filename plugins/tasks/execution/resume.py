"""Resuming another execution."""

from __future__ import annotations

from typing import Any, ClassVar

from plugins.contracts import Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.services import Executions


class Resume(RunnableTask):
    """Resume an execution that is paused, with values for its inputs."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.execution.Resume"
    DEPRECATED: ClassVar[str] = "resume over the API"
    TITLE: ClassVar[str] = "Resume a paused execution"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: execution_resume
namespace: company.team
inputs:
  - id: paused
    type: STRING
    defaults: 2TgbY8sTYGDKZ5ipnVTFYq
tasks:
  - id: resume
    type: io.kestra.plugin.core.execution.Resume
    executionId: "{{ inputs.paused }}"
    inputs:
      approved: true
""",
    )

    execution_id: Property[str] = default("{{ execution.id }}")
    """The execution."""
    inputs: Property[dict[str, Any]] = default({})
    """Values for the inputs that the paused task asks for."""

    def run(self, ctx: RunContext) -> None:
        executions: Executions = ctx.service("executions")
        inputs = ctx.render(self.inputs)
        executions.resume(execution_id=ctx.render(self.execution_id), inputs=inputs)
