"""Keeping log lines as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from plugins.contracts import LogLevel, Property, RunContext, RunnableTask
from plugins.contracts.dynamic import default
from plugins.contracts.outputs import Outputs, address, whole
from plugins.contracts.services import Logs
from plugins.formats.ion import write_rows
from plugins.tasks.storage.stored_files import keep, new_file

PAGE = 1000


class Fetch(RunnableTask):
    """Write log lines of an execution to a file; `uri` is its address, `size` how many lines it has."""

    TYPE: ClassVar[str] = "io.kestra.plugin.core.log.Fetch"
    DEPRECATED: ClassVar[str] = "use errorLogs() or the API"
    TITLE: ClassVar[str] = "Fetch logs"
    OUTPUTS: ClassVar[Outputs] = {
        "uri": address("The file of lines."),
        "size": whole("How many lines there are."),
    }
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: log_fetch
namespace: company.team
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
  - id: fetch
    type: io.kestra.plugin.core.log.Fetch
    tasksId: [say]
""",
    )

    namespace: Property[str] | None = None
    """The namespace of the execution; that of the flow when absent."""
    flow_id: Property[str] | None = None
    """The flow of the execution; the running one when absent."""
    execution_id: Property[str] | None = None
    """The execution; the running one when absent."""
    tasks_id: Property[list[str]] = default([])
    """Only lines of these tasks."""
    level: Property[LogLevel] = default("INFO")
    """The least serious level."""

    def run(self, ctx: RunContext) -> Mapping[str, Any]:
        tasks = ctx.render(self.tasks_id)
        criteria = {
            "execution_id": ctx.render(self.execution_id) if self.execution_id is not None else ctx.execution_id,
            "namespace": ctx.render(self.namespace) if self.namespace is not None else None,
            "flow_id": ctx.render(self.flow_id) if self.flow_id is not None else None,
            "task_ids": tasks,
            "level": ctx.render(self.level).value,
        }
        with new_file(ctx) as target:
            size = write_rows(_pages(ctx.service("logs"), criteria), target)
            return {"uri": keep(ctx, target, "logs.ion"), "size": size}


def _pages(logs: Logs, criteria: dict[str, Any]) -> Iterator[dict[str, Any]]:
    offset = 0
    while True:
        page = logs.fetch(**criteria, offset=offset, limit=PAGE)
        yield from page
        offset += len(page)
        if len(page) < PAGE:
            return
