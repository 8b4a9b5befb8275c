"""Make another execution of one: replay it, or restart it in another revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.words.ids import new_id
from executions.engine import events as ev
from executions.engine.acts import ActRefused, replay, restart_in
from executions.engine.records import Execution
from executions.engine.start import IS_REPEATED
from executions.permissions import EXECUTION
from executions.record.families import Family
from executions.record.files import keepers
from executions.record.flow_source import RunningFlow, running_revision
from executions.record.secret_inputs import sealing
from executions.record.transitions import Transition
from executions.services.acting import WrongState, held
from executions.starts.begin import Copy, begin_copy, seed
from executions.starts.inputs import resolve_values
from executions.starts.runnable import flow_to_start
from flows.model.inputs.ports import Keepers


@command(EXECUTION.REPLAY, on=held)
def replay_execution(
    ctx: Context,
    *,
    execution_id: str,
    task_run_id: str | None = None,
    revision: int | None = None,
    is_latest: bool = False,
    breakpoints: Sequence[str] = (),
    inputs: Mapping[str, Any] | None = None,
) -> Execution:
    """A new execution with the same inputs, or these, from the start or from a task run on."""
    old = ctx.target_as(Transition)
    number, revision_id, running = _revision(old, revision, is_latest)
    new = new_id()
    try:
        record, runs = replay(
            running.compiled, old.ledger, task_run_id, id=new, at=old.at, seed=seed(), breakpoints=breakpoints
        )
    except ActRefused as refused:
        raise WrongState(f"Execution '{execution_id}': {refused}") from None
    old.fold(lambda at, seed: ev.LabelsSet(at=at, seed=seed, labels=IS_REPEATED))
    Family(old).finish()
    if inputs is not None:
        record.inputs = resolve_values(running.compiled, inputs, old.at, _keepers(record))
    return _begin(ctx, old, Copy(record, runs, number, revision_id, running))


@command(EXECUTION.RESTART, on=held)
def restart_in_revision(ctx: Context, *, execution_id: str, revision: int) -> Execution:
    """Run again what failed, in a new execution of another revision."""
    old = ctx.target_as(Transition)
    number, revision_id, running = _revision(old, revision, False)
    try:
        record, runs = restart_in(running.compiled, old.ledger, id=new_id(), at=old.at, seed=seed())
    except ActRefused as refused:
        raise WrongState(f"Execution '{execution_id}': {refused}") from None
    return _begin(ctx, old, Copy(record, runs, number, revision_id, running))


def _keepers(record: Execution) -> Keepers:
    files = keepers(record.tenant, record.namespace, record.flow_id, record.id)
    return sealing(record.tenant, record.namespace, record.flow_id, files)


def _revision(old: Transition, revision: int | None, is_latest: bool) -> tuple[int, str, RunningFlow]:
    record = old.execution
    if revision is None and not is_latest:
        return record.flow_revision, old.kept.revision_id, old.running
    flow = flow_to_start(record.namespace, record.flow_id, revision)
    return flow.revision, flow.revision_id, running_revision(flow.revision_id)


def _begin(ctx: Context, old: Transition, copy: Copy) -> Execution:
    execution = begin_copy(copy, old.at)
    after = {"id": execution.id, "flowId": execution.flow_id, "of": old.execution.id}
    ctx.record(EXECUTION.name, execution.id, namespace=execution.namespace, after=after)
    return execution
