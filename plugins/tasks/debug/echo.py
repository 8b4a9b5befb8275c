"""The old way to write a line into the log."""

from __future__ import annotations

from typing import ClassVar

from plugins.contracts import LogLevel, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default


class Echo(RunnableTask):
    """Write a message to the log. Use Log instead."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.debug.Echo"
    TITLE: ClassVar[str] = "Log a message"
    DEPRECATED: ClassVar[str] = "use io.kestra.plugin.core.log.Log"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: echo
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.debug.Echo
    format: "Running {{ flow.id }}"
""",
    )

    format: Property[str] | None = None
    """The text to write."""
    level: Property[LogLevel] = default("INFO")
    """How serious it is: TRACE, DEBUG, INFO, WARN or ERROR."""

    def run(self, ctx: RunContext) -> None:
        ctx.log(ctx.render(self.level), ctx.render(self.format) if self.format is not None else "")
