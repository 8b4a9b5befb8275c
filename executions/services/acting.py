"""What people do to one execution: each act is an event, or a refusal that says why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.words.errors import BadParameter, Conflict, Invalid, NotFound, Violation
from executions.engine import events as ev
from executions.engine.records import Execution
from executions.engine.start import forbidden_labels
from executions.engine.transition_table import ENDS
from executions.permissions import EXECUTION
from executions.queries.execution import no_execution
from executions.record.families import Family
from executions.record.transitions import MakeEvent, Transition, locked, takes_slot
from executions.starts.inputs import pause_inputs
from plugins.contracts import State


class WrongState(Conflict):
    """The execution is not in a state for this."""

    code = "wrong_state"


def held(ctx: Context, *, execution_id: str) -> Target:
    """The execution, locked until the act is over."""
    transition = locked(execution_id).transition
    return Target(transition, transition.execution.namespace, absent=no_execution(execution_id))


@command(EXECUTION.KILL, on=held)
def kill_execution(ctx: Context, *, execution_id: str, is_cascading: bool = True) -> Execution:
    """Nothing more of it starts; what runs is stopped, and the executions it started with it."""
    return _fold(ctx, lambda at, seed: ev.KillRequested(at=at, seed=seed, is_cascading=is_cascading))


@command(EXECUTION.PAUSE, on=held)
def pause_execution(ctx: Context, *, execution_id: str) -> Execution:
    """What runs goes on; nothing new starts until it is resumed."""
    return _fold(ctx, lambda at, seed: ev.PauseRequested(at=at, seed=seed))


@command(EXECUTION.RESUME, on=held)
def resume_execution(ctx: Context, *, execution_id: str, inputs: Mapping[str, Any] | None = None) -> Execution:
    """Go on from a pause, with the values its task asks for."""
    return resume(ctx, ctx.target_as(Transition), inputs or {})


def resume(ctx: Context, transition: Transition, inputs: Mapping[str, Any]) -> Execution:
    """The same for an execution that is held already. Raises WrongState, and Invalid for values that do not fit."""
    record = transition.execution
    if record.state is not State.PAUSED:
        raise WrongState(f"Execution '{record.id}' is not paused but {record.state}")
    task_run_id, resolved = pause_inputs(transition, inputs, keeps_files=True)
    values = resolved.require() if resolved is not None else {}
    return _bring(
        ctx,
        transition,
        lambda at, seed: ev.ResumeRequested(
            at=at, seed=seed, task_run_id=task_run_id, inputs=values, actor=ctx.actor.name
        ),
    )


@command(EXECUTION.RESUME, on=held)
def resume_from_breakpoint(ctx: Context, *, execution_id: str, breakpoints: Sequence[str] = ()) -> Execution:
    """Go on to the next breakpoint; the given ones replace those it was started with."""
    return _fold(ctx, lambda at, seed: ev.BreakpointResumed(at=at, seed=seed, breakpoints=tuple(breakpoints)))


@command(EXECUTION.RESTART, on=held)
def restart_execution(ctx: Context, *, execution_id: str) -> Execution:
    """Run again what failed, in the same execution."""
    has_slot = takes_slot(ctx.target_as(Transition))
    return _fold(ctx, lambda at, seed: ev.RestartRequested(at=at, seed=seed, has_slot=has_slot))


@command(EXECUTION.UPDATE, on=held)
def change_status(ctx: Context, *, execution_id: str, state: State) -> Execution:
    """Give an execution that has ended another end."""
    if state not in ENDS:
        raise BadParameter(f"`{state}` is no end of an execution: use one of {', '.join(sorted(ENDS))}")
    return _fold(ctx, lambda at, seed: ev.StatusForced(at=at, seed=seed, state=state))


@command(EXECUTION.UPDATE, on=held)
def change_task_run_state(ctx: Context, *, execution_id: str, task_run_id: str, state: State) -> Execution:
    """Give a task run that failed or waits another end; the execution goes on from there."""
    transition = ctx.target_as(Transition)
    try:
        transition.ledger.task_run(task_run_id)
    except KeyError:
        raise NotFound(f"Task run '{task_run_id}' was not found") from None
    if not takes_slot(transition):
        raise WrongState(f"Execution '{execution_id}': its flow runs as many executions as its limit allows")
    return _fold(ctx, lambda at, seed: ev.TaskRunMarked(at=at, seed=seed, task_run_id=task_run_id, state=state))


@command(EXECUTION.CHANGE_LABELS, on=held)
def set_labels(ctx: Context, *, execution_id: str, labels: Mapping[str, str]) -> Execution:
    """Replace the labels of an execution that has ended; those of the system stay."""
    refused = forbidden_labels(labels)
    if refused:
        raise Invalid(violations=[Violation(f"`{name}` is a label of the system", "labels") for name in refused])
    transition = ctx.target_as(Transition)
    if not transition.execution.state.is_terminal:
        raise BadParameter("labels can only be changed once the execution has ended")
    transition.drop_labels(set(labels))
    return _fold(ctx, lambda at, seed: ev.LabelsSet(at=at, seed=seed, labels=labels))


@command(EXECUTION.FORCE_RUN, on=held)
def force_run(ctx: Context, *, execution_id: str) -> Execution:
    """Run although it waits for a place or a resume."""
    return _fold(ctx, lambda at, seed: ev.RunForced(at=at, seed=seed))


@command(EXECUTION.UNQUEUE, on=held)
def unqueue_execution(ctx: Context, *, execution_id: str, state: State = State.RUNNING) -> Execution:
    """Take it out of the queue of its flow: to run at once, or to end."""
    return _fold(ctx, lambda at, seed: ev.Unqueued(at=at, seed=seed, state=state))


@command(EXECUTION.DELETE, on=held)
def delete_execution(
    ctx: Context,
    *,
    execution_id: str,
    includes_running: bool = True,
    deletes_logs: bool = True,
    deletes_metrics: bool = True,
    deletes_storage: bool = True,
) -> None:
    """Remove it with all it left behind; what a worker still runs of it is stopped."""
    transition = ctx.target_as(Transition)
    record = transition.execution
    if not record.state.is_terminal and not includes_running:
        raise WrongState(f"Execution '{execution_id}' has not ended")
    transition.remove(with_logs=deletes_logs, with_metrics=deletes_metrics, with_files=deletes_storage)
    before = {"id": record.id, "flowId": record.flow_id, "state": record.state.value}
    ctx.record(EXECUTION.name, record.id, namespace=record.namespace, before=before)


def _fold(ctx: Context, make: MakeEvent) -> Execution:
    return _bring(ctx, ctx.target_as(Transition), make)


def _bring(ctx: Context, transition: Transition, make: MakeEvent) -> Execution:
    record = transition.execution
    before = _shape(record)
    refused = transition.fold(make)
    if refused is not None:
        raise WrongState(f"Execution '{record.id}': {refused}")
    Family(transition).finish()
    ctx.record(EXECUTION.name, record.id, namespace=record.namespace, before=before, after=_shape(record))
    return record


def _shape(record: Execution) -> dict[str, Any]:
    return {"id": record.id, "flowId": record.flow_id, "state": record.state.value, "labels": dict(record.labels)}
