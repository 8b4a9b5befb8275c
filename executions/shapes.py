"""Executions, task runs and log lines as the API and the live feed show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from control_plane.kernel.words.clock import iso
from control_plane.kernel.words.durations import format_duration
from executions.engine import turns
from executions.engine.checks import FailedCheck
from executions.engine.records import Attempt, Execution, Step, TaskRun
from executions.engine.reported import is_reported
from executions.engine.sealed import shown as shown_value
from flows.model.inputs.resolve import Resolved, ResolvedInput
from plugins.contracts import State

Shape = dict[str, Any]


def state(history: Sequence[Step]) -> Shape:
    first, last = history[0], history[-1]
    shown: Shape = {
        "current": last.state.value,
        "histories": [{"state": step.state.value, "date": iso(step.date)} for step in history],
        "startDate": iso(first.date),
    }
    if last.state.is_terminal or last.state is State.PAUSED:
        shown["endDate"] = iso(last.date)
    shown["duration"] = format_duration(max(last.date - first.date, timedelta()))
    return shown


def labels(given: Mapping[str, str]) -> list[Shape]:
    return [{"key": key, "value": value} for key, value in given.items()]


def light(execution: Execution) -> Shape:
    """A row of a list: without task runs."""
    shown: Shape = {
        "tenantId": execution.tenant,
        "id": execution.id,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "flowRevision": execution.flow_revision,
        "inputs": shown_value(execution.inputs) or None,
        "outputs": shown_value(execution.outputs),
        "labels": labels(execution.labels),
        "state": state(execution.history),
        "parentId": execution.parent_id,
        "originalId": execution.original_id or execution.id,
        "trigger": shown_value(execution.trigger),
        "scheduleDate": iso(execution.schedule_date) if execution.schedule_date else None,
        "kind": execution.kind,
    }
    if execution.loop_run is not None:
        # What a turn gives stands in the outputs of its loop.
        loop_run = {**turns.shown(execution.loop_run), "parent": {"id": execution.parent_id}}
        shown |= {"outputs": None, "loopRun": loop_run}
    return {key: value for key, value in shown.items() if value is not None}


def full(execution: Execution, task_runs: Sequence[TaskRun], *, deleted: bool = False) -> Shape:
    """One execution with its task runs, which carry no outputs."""
    shown = light(execution)
    shown["taskRunList"] = [task_run(run) for run in task_runs]
    return shown | _details(execution, deleted=deleted)


def overview(
    execution: Execution,
    counted: Sequence[tuple[str, str, int, str]],
    few: Sequence[TaskRun] | None,
    lines: int,
) -> Shape:
    """One execution with its task runs counted: `counted` has task, state, number, and the id of the newest."""
    shown = light(execution) | _details(execution)
    if few is not None:
        shown["taskRunList"] = [task_run(run) for run in few]
    tasks: dict[str, Shape] = {}
    states: dict[str, int] = {}
    for task_id, state, count, newest in counted:
        task = tasks.setdefault(task_id, {"taskId": task_id, "states": {}})
        task["states"][state] = count
        task["newest"] = newest
        states[state] = states.get(state, 0) + count
    shown["taskRuns"] = {"total": sum(states.values()), "states": states, "tasks": list(tasks.values())}
    shown["lines"] = lines
    return shown


def _details(execution: Execution, *, deleted: bool = False) -> Shape:
    """What a list leaves out."""
    shown: Shape = {}
    if execution.variables:
        shown["variables"] = execution.variables
    shown["metadata"] = {
        "attemptNumber": execution.attempt_number,
        "originalCreatedDate": iso(execution.original_created_date or execution.start_date),
    }
    if execution.breakpoints:
        shown["breakpoints"] = [breakpoint_shape(point) for point in execution.breakpoints]
    shown["deleted"] = deleted
    return shown


def owned(shown: Shape) -> Shape:
    """The same execution as an act answers with it: its task runs say whose they are."""
    owner = {"executionId": shown["id"], "namespace": shown["namespace"], "flowId": shown["flowId"]}
    return {**shown, "taskRunList": [{**run, **owner} for run in shown["taskRunList"]]}


def breakpoint_shape(text: str) -> Shape:
    task_id, _, value = text.partition(".")
    return {"id": task_id, "value": value} if value else {"id": task_id}


def attempt_shape(attempt: Attempt) -> Shape:
    told = {"workerId": attempt.worker_id, "logFile": attempt.log_file}
    return {"state": state(attempt.history)} | {name: value for name, value in told.items() if value}


def task_run(run: TaskRun) -> Shape:
    shown: Shape = {
        "id": run.id,
        "taskId": run.task_id,
        "parentTaskRunId": run.parent_id,
        "value": run.value,
        "iteration": run.iteration,
        "dynamic": is_reported(run) or None,
        "attempts": [attempt_shape(attempt) for attempt in run.attempts] or None,
        "state": state(run.history),
    }
    return {key: value for key, value in shown.items() if value is not None}


def line(
    *,
    seq: int,
    at: datetime,
    level: str,
    message: str,
    task_id: str | None,
    task_run_id: str | None,
    attempt: int | None,
) -> Shape:
    """A log line as the live feed tells it; the API adds whose it is."""
    shown: Shape = {
        "seq": seq,
        "timestamp": iso(at),
        "level": level,
        "message": message,
        "taskId": task_id,
        "taskRunId": task_run_id,
        "attemptNumber": attempt - 1 if attempt is not None else None,
    }
    return {key: value for key, value in shown.items() if value is not None}


def checked_inputs(
    flow_id: str, namespace: str, resolved: Resolved | None, failed: Sequence[FailedCheck] = ()
) -> Shape:
    """What becomes of inputs that were only tried, and which checks of the flow do not hold with them."""
    entries = resolved.inputs if resolved is not None else []
    checks = [{"message": each.message, "style": each.style, "behavior": each.behavior} for each in failed]
    return {"id": flow_id, "namespace": namespace, "inputs": [_checked(entry) for entry in entries], "checks": checks}


def _checked(entry: ResolvedInput) -> Shape:
    shown: Shape = {
        "input": entry.definition.model_dump(mode="json", by_alias=True, exclude_none=True),
        "value": shown_value(entry.value),
        "enabled": entry.enabled,
        "isDefault": entry.is_default,
        "errors": [{"message": entry.error}] if entry.error else [],
    }
    return {key: value for key, value in shown.items() if value is not None}


def with_changes(shown: Shape, change: Shape) -> Shape:
    """An execution as it is after a change that the feed told."""
    runs = {run["id"]: run for run in shown.get("taskRunList", ())}
    runs |= {run["id"]: run for run in change.get("taskRuns", ())}
    for task_run_id in change.get("deleted", ()):
        runs.pop(task_run_id, None)
    return {**shown, **change.get("execution", {}), "taskRunList": list(runs.values())}
