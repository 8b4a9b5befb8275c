"""Deleting old log lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from plugins.contracts import LogLevel, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, whole
from plugins.contracts.services import Logs

_AT_ONCE = 10_000


class PurgeLogs(RunnableTask):
    """Delete log lines up to a date; the output `count` says how many.

    Every line belongs to an execution here: what triggers have to say stands in the executions they start.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.log.PurgeLogs"
    TITLE: ClassVar[str] = "Purge logs"
    OUTPUTS: ClassVar[Outputs] = {
        "count": whole("How many lines were deleted."),
        "executionLogsCount": whole("How many of them were lines of executions."),
        "nonExecutionLogsCount": whole("How many of them were not."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: log_purge
namespace: system
tasks:
  - id: purge
    type: io.kestra.plugin.core.log.PurgeLogs
    endDate: "{{ now() | dateAdd(-1, 'MONTHS') }}"
""",
    )

    namespace: Property[str] | None = None
    """Only lines of this namespace."""
    flow_id: Property[str] | None = None
    """Only lines of this flow."""
    execution_id: Property[str] | None = None
    """Only lines of this execution."""
    log_levels: Property[list[LogLevel]] = default([])
    """Only lines of these levels; all when empty."""
    start_date: Property[str] | None = None
    """Only lines from this date on."""
    end_date: Property[str]
    """Only lines up to this date."""
    batch_size: Property[int] | None = None
    """How many lines to delete at once."""
    purge_execution_logs: Property[bool] = default(True)
    """Delete lines of executions."""
    purge_non_execution_logs: Property[bool] = default(True)
    """Delete lines that belong to no execution."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        count = self._purge_all(ctx) if ctx.render(self.purge_execution_logs) else 0
        return {"count": count, "executionLogsCount": count, "nonExecutionLogsCount": 0}

    def _purge_all(self, ctx: RunContext) -> int:
        asked = ctx.render(self.batch_size) if self.batch_size is not None else _AT_ONCE
        most = max(1, min(asked, _AT_ONCE))
        count = gone = self._purge(ctx, most)
        while gone >= most and not ctx.is_killed():
            gone = self._purge(ctx, most)
            count += gone
        return count

    def _purge(self, ctx: RunContext, most: int) -> int:
        logs: Logs = ctx.service("logs")
        return logs.purge(
            namespace=ctx.render(self.namespace) if self.namespace is not None else None,
            flow_id=ctx.render(self.flow_id) if self.flow_id is not None else None,
            execution_id=ctx.render(self.execution_id) if self.execution_id is not None else None,
            levels=[level.value for level in ctx.render(self.log_levels)],
            start_date=ctx.render(self.start_date) if self.start_date is not None else None,
            end_date=ctx.render(self.end_date),
            limit=most,
        )
