"""Doing nothing for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from plugins.contracts import LogLevel, Property, RunContext, RunnableTask


class Sleep(RunnableTask):
    """Wait for a duration before the next task begins. It occupies a worker slot; Pause with a delay does not."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.flow.Sleep"
    TITLE: ClassVar[str] = "Wait for a while"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: sleep
namespace: company.team
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Sleep
    duration: PT0.1S
""",
    )

    duration: Property[timedelta]
    """How long, as an ISO-8601 duration such as `PT5S`."""

    def run(self, ctx: RunContext) -> None:
        duration = ctx.render(self.duration)
        ctx.log(LogLevel.INFO, f"Waiting for {duration.total_seconds():g} seconds")
        ctx.wait(duration.total_seconds())
