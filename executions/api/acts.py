"""What people do to one execution, over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from control_plane.kernel.actor import Context
from control_plane.kernel.api.fast import json_body
from control_plane.kernel.api.json import decode
from control_plane.kernel.api.query import flag, number, required
from control_plane.kernel.authorization import require
from control_plane.kernel.words.errors import BadParameter
from executions import shapes
from executions.api.bodies import Labels, StateRequest
from executions.api.create import breakpoints_of, given_inputs, url_of
from executions.engine.records import Execution
from executions.permissions import EXECUTION
from executions.queries.execution import no_execution, read_kept, read_shown
from executions.record.transitions import locked
from executions.services.acting import (
    WrongState,
    change_status,
    change_task_run_state,
    delete_execution,
    force_run,
    kill_execution,
    pause_execution,
    restart_execution,
    resume_execution,
    resume_from_breakpoint,
    set_labels,
    unqueue_execution,
)
from executions.services.repeating import replay_execution, restart_in_revision
from executions.starts.inputs import pause_inputs
from plugins.contracts import State

Shape = dict[str, Any]


def kill(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    is_cascading = flag(request.GET, "isOnKillCascade", True)
    return shown(request, ctx, kill_execution(ctx, execution_id=execution_id, is_cascading=is_cascading))


def pause(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    return shown(request, ctx, pause_execution(ctx, execution_id=execution_id))


def resume(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    return shown(request, ctx, resume_execution(ctx, execution_id=execution_id, inputs=given_inputs(request)))


def continue_(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    points = breakpoints_of(request.GET)
    return shown(request, ctx, resume_from_breakpoint(ctx, execution_id=execution_id, breakpoints=points))


def restart(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    revision = number(request.GET, "revision", 0, at_least=1)
    if revision:
        return shown(request, ctx, restart_in_revision(ctx, execution_id=execution_id, revision=revision))
    return shown(request, ctx, restart_execution(ctx, execution_id=execution_id))


def replay(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    return _replayed(request, ctx, execution_id, None)


def replay_with_inputs(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    return _replayed(request, ctx, execution_id, dict(given_inputs(request)))


def _replayed(request: HttpRequest, ctx: Context, execution_id: str, inputs: dict[str, Any] | None) -> Shape:
    execution = replay_execution(
        ctx,
        execution_id=execution_id,
        task_run_id=request.GET.get("taskRunId") or None,
        revision=number(request.GET, "revision", 0, at_least=1) or None,
        breakpoints=breakpoints_of(request.GET),
        inputs=inputs,
    )
    return shown(request, ctx, execution)


def status(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    state = state_named(required(request.GET, "status"), "status")
    return shown(request, ctx, change_status(ctx, execution_id=execution_id, state=state))


def task_run_state(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    body = json_body(request, StateRequest)
    state = state_named(body.state, "state")
    return shown(
        request, ctx, change_task_run_state(ctx, execution_id=execution_id, task_run_id=body.task_run_id, state=state)
    )


def labels(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    given = decode(request.body) if request.body else []
    return shown(request, ctx, set_labels(ctx, execution_id=execution_id, labels=Labels.read(given)))


def force(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    return shown(request, ctx, force_run(ctx, execution_id=execution_id))


def unqueue(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    state = state_named(request.GET.get("state") or State.RUNNING, "state")
    return shown(request, ctx, unqueue_execution(ctx, execution_id=execution_id, state=state))


def delete(request: HttpRequest, ctx: Context, execution_id: str) -> None:
    query = request.GET
    delete_execution(
        ctx,
        execution_id=execution_id,
        deletes_logs=flag(query, "deleteLogs", True),
        deletes_metrics=flag(query, "deleteMetrics", True),
        deletes_storage=flag(query, "deleteStorage", True),
    )


def validate_resume(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    """What the paused task would make of these values, changing nothing."""
    transition = locked(execution_id).transition
    record = transition.execution
    require(ctx, EXECUTION.RESUME, record.namespace, absent=no_execution(execution_id))
    if record.state is not State.PAUSED:
        raise WrongState(f"Execution '{execution_id}' is not paused but {record.state}")
    _, resolved = pause_inputs(transition, given_inputs(request), keeps_files=False)
    return shapes.checked_inputs(record.flow_id, record.namespace, resolved)


def shown(request: HttpRequest, ctx: Context, execution: Execution) -> Shape:
    """The execution after the act, whole; without any task run for who prefers little (RFC 7240)."""
    if "return=minimal" in request.headers.get("Prefer", ""):
        shape = shapes.full(read_kept(execution.id).record, [])
    else:
        kept, runs = read_shown(execution.id)
        shape = shapes.owned(shapes.full(kept.record, runs))
    shape["url"] = url_of(ctx.tenant_id or "", execution.namespace, execution.flow_id, execution.id)
    return shape


def state_named(text: str, name: str) -> State:
    try:
        return State(text)
    except ValueError:
        raise BadParameter(f"`{text[:50]}` is no {name}: use one of {', '.join(State)}") from None
