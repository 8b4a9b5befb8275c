"""Delete log lines."""

from __future__ import annotations

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from executions.models import LogEntry
from executions.permissions import EXECUTION
from executions.queries.execution import namespace_of, no_execution


def execution_namespace(ctx: Context, *, execution_id: str) -> Target:
    namespace = namespace_of(execution_id)
    return Target(namespace, namespace, absent=no_execution(execution_id))


@command(EXECUTION.DELETE, on=execution_namespace)
def delete_lines(
    ctx: Context,
    *,
    execution_id: str,
    levels: list[str] | None = None,
    task_id: str | None = None,
    task_run_id: str | None = None,
    attempt: int | None = None,
) -> int:
    """Remove the lines that fit everything given; return how many. The numbers of the others stay as they are."""
    chosen = {"level__in": levels, "task_id": task_id, "task_run_id": task_run_id, "attempt": attempt}
    doomed = LogEntry.objects.filter(
        execution_id=execution_id, **{name: value for name, value in chosen.items() if value is not None}
    )
    count, _ = doomed.delete()
    ctx.record("EXECUTION", execution_id, namespace=str(ctx.target), logsDeleted=count)
    return count
