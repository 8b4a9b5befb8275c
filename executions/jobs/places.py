"""Where a job of an execution stands, and what it may ask about executions and their logs; it changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Count

from control_plane.kernel.authorization import require
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.clock import iso, parse_iso
from control_plane.kernel.words.errors import BadParameter, NotFound
from executions.engine.scope import told_with_state
from executions.models import Execution, LogEntry, TaskRun
from executions.permissions import EXECUTION
from executions.queries.execution import no_execution
from executions.queries.starters import who_started
from executions.starts.crossing import flow_context
from plugins.contracts import LogLevel
from stores.storage.keys import cache_prefix, execution_prefix
from workers.queue.kinds import Place

_PLACE = """
SELECT e.namespace, e.flow_id, r.task_id
FROM execution e LEFT JOIN task_run r ON r.id = %s AND r.execution_id = e.id
WHERE e.id = %s
"""
_MOST_LINES = 1000


def place_of(execution_id: str, task_run_id: str) -> Place:
    """Where the job stands and as whom it acts. NotFound when its execution is gone."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACE, [task_run_id, execution_id])
        row = cursor.fetchone()
    if row is None:
        raise NotFound(f"Execution '{execution_id}' was not found")
    namespace, flow_id, found = row
    tenant, task_id = current_tenant(), found or "execution"
    ctx = flow_context(namespace, flow_id, execution_id, task_id, task_run_id)
    ctx.because = lambda: _cause(execution_id, task_run_id)
    return Place(
        ctx=ctx,
        namespace=namespace,
        flow_id=flow_id,
        execution_id=execution_id,
        task_id=task_id,
        task_run_id=task_run_id,
        files=execution_prefix(tenant, namespace, flow_id, execution_id),
        caches=cache_prefix(tenant, namespace, flow_id),
    )


def _cause(execution_id: str, task_run_id: str) -> dict[str, Any]:
    """For whom a job acts, for the trail: an execution, a task run in it, and who started it."""
    return {"executionId": execution_id, "taskRunId": task_run_id, "startedBy": who_started(execution_id)}


def call(place: Place, service: str, method: str, arguments: Mapping[str, Any]) -> Any:
    """One method of a service that knows executions. BadParameter for what is not served or not understood."""
    function = SERVED.get((service, method))
    if function is None:
        raise BadParameter(f"nothing serves `{service}.{method}`")
    try:
        return function(place, **arguments)
    except TypeError as error:
        raise BadParameter(f"`{service}.{method}` was called with other arguments than it takes") from error


def _error_logs(place: Place) -> list[dict[str, Any]]:
    """The ERROR lines so far, as `errorLogs()` shows them."""
    lines = LogEntry.objects.filter(execution_id=place.execution_id, level="ERROR").order_by("seq")[:_MOST_LINES]
    return [_line(line) for line in lines]


def _tasks_with_state(place: Place, *, state: str) -> list[dict[str, str]]:
    """The task runs of the execution that are in a state, as `tasksWithState()` shows them: by their tasks."""
    rows = TaskRun.objects.filter(execution_id=place.execution_id, state=state).order_by("task_id", "seq")
    return [told_with_state(*row) for row in rows.values_list("task_id", "value", "state")[:_MOST_LINES]]


def _fetch_logs(
    place: Place,
    *,
    execution_id: str | None,
    namespace: str | None = None,
    flow_id: str | None = None,
    task_ids: Sequence[str] = (),
    level: str | None = None,
    offset: int = 0,
    limit: int = _MOST_LINES,
) -> list[dict[str, Any]]:
    _check_logs_of(place, execution_id)
    lines = LogEntry.objects.filter(execution_id=execution_id or place.execution_id)
    if task_ids:
        lines = lines.filter(task_id__in=list(task_ids))
    if level:
        lines = lines.filter(level__in=[each.value for each in LogLevel if each.rank >= LogLevel(level).rank])
    first = max(0, offset)
    return [_line(line) for line in lines.order_by("seq")[first : first + min(limit, _MOST_LINES)]]


def _check_logs_of(place: Place, execution_id: str | None) -> None:
    if execution_id in (None, place.execution_id):
        return
    namespace = Execution.objects.filter(id=execution_id).values_list("namespace", flat=True).first()
    if namespace is None:
        raise NotFound(f"Execution '{execution_id}' was not found")
    require(place.ctx, EXECUTION.ACCESS_LOGS, namespace, absent=no_execution(str(execution_id)))


def _count_executions(
    place: Place,
    *,
    flows: Sequence[Mapping[str, str]] = (),
    namespaces: Sequence[str] = (),
    states: Sequence[str] = (),
    start_date: str | None = None,
    end_date: str | None = None,
) -> list[dict[str, Any]]:
    asked = [(flow["namespace"], flow["flowId"]) for flow in flows]
    for namespace in {*namespaces, *(name for name, _ in asked)}:
        require(place.ctx, EXECUTION.LIST, namespace)
    rows = Execution.objects.filter(namespace__in=[*namespaces, *(name for name, _ in asked)])
    rows = rows.filter(state__in=list(states)) if states else rows
    rows = rows.filter(start_date__gte=parse_iso(start_date)) if start_date else rows
    rows = rows.filter(start_date__lte=parse_iso(end_date)) if end_date else rows
    counted = rows.values_list("namespace", "flow_id").annotate(count=Count("id"))
    found = {(namespace, flow_id): count for namespace, flow_id, count in counted}
    wanted = dict.fromkeys([*asked, *(name for name in found if name[0] in namespaces)])
    return [{"namespace": name[0], "flowId": name[1], "count": found.get(name, 0)} for name in wanted]


def _child_outputs(place: Place, *, task_id: str) -> list[dict[str, Any]]:
    """What the executions of a ForEachItem brought, in the order of their batches; of a repeated batch its last."""
    run = TaskRun.objects.filter(execution_id=place.execution_id, task_id=task_id).order_by("-seq").first()
    if run is None:
        raise NotFound(f"Task '{task_id}' has not run")
    children = Execution.objects.filter(parent_id=place.execution_id, parent_task_run_id=run.id)
    latest = dict(children.order_by("start_date", "id").values_list("parent_iteration", "outputs"))
    return [outputs for _, outputs in sorted(latest.items(), key=lambda each: each[0] or 0) if outputs]


def _line(line: LogEntry) -> dict[str, Any]:
    return {
        "timestamp": iso(line.at),
        "level": line.level,
        "taskId": line.task_id,
        "taskRunId": line.task_run_id,
        "attemptNumber": line.attempt - 1 if line.attempt is not None else None,
        "message": line.message,
    }


SERVED: dict[tuple[str, str], Callable[..., Any]] = {
    ("expressions", "error_logs"): _error_logs,
    ("expressions", "tasks_with_state"): _tasks_with_state,
    ("logs", "fetch"): _fetch_logs,
    ("executions", "count"): _count_executions,
    ("executions", "child_outputs"): _child_outputs,
}
