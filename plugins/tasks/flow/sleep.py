"""Doing nothing for a while."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from control_plane.kernel.words.durations import format_duration
from plugins.contracts import LogLevel, Outcome, Property, RunContext, RunnableTask

_SHORT = timedelta(seconds=1)
"""A timer can be a quarter of a second late; what is no longer than this is waited for on the spot."""


class Sleep(RunnableTask):
    """Wait for a duration before the next task begins. However many executions sleep, no worker is busy with it."""

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

    def run(self, ctx: RunContext) -> Outcome:
        duration = ctx.render(self.duration)
        ctx.log(LogLevel.INFO, f"Waiting for {format_duration(duration)}")
        if duration > _SHORT:
            return Outcome(rest=duration)
        ctx.wait(duration.total_seconds())
        return Outcome()
