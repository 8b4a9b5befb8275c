"""Failing on purpose."""

from __future__ import annotations

from typing import ClassVar

from plugins.contracts import LogLevel, PluginError, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default

_FALSE = frozenset({"", "false", "0", "-0"})


class Fail(RunnableTask):
    """Fail, always or when a condition holds, with a message of its own.

    The condition holds unless it renders to nothing, `false`, `0` or `-0`.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.execution.Fail"
    TITLE: ClassVar[str] = "Fail the execution"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: fail_on_empty
namespace: company.team
inputs:
  - id: count
    type: INT
    defaults: 3
tasks:
  - id: check
    type: io.kestra.plugin.core.execution.Fail
    condition: "{{ inputs.count == 0 }}"
    errorMessage: Nothing to do
""",
    )

    condition: str | None = None
    """When given, fail only if it holds."""
    error_message: Property[str] = default("Task failure")
    """What the error says."""

    def run(self, ctx: RunContext) -> None:
        if self.condition is not None and str(ctx.render_any(self.condition)) in _FALSE:
            return
        message = ctx.render(self.error_message)
        if self.condition is None:
            raise PluginError(message)
        ctx.log(LogLevel.ERROR, message)
        raise PluginError("Fail on a condition")
