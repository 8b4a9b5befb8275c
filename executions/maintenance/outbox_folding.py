"""Folds outbox events: each in its own transaction, which also deletes it, so that it happens once whoever does it."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from control_plane.kernel.config import config
from control_plane.kernel.pipeline import Pipeline, Row
from control_plane.kernel.scope import after_commit, tenant_scope
from control_plane.kernel.words.clock import now, parse_iso
from control_plane.kernel.words.errors import ControlPlaneError, NotFound
from control_plane.kernel.words.ids import new_id
from executions.engine import events as ev
from executions.engine.chosen_outputs import chosen_outputs, wants_to_choose
from executions.engine.lineage import too_deep
from executions.engine.rendering import LIMITS
from executions.engine.start import REPEATS
from executions.engine.turns import LOOP
from executions.hooks import execution_ended
from executions.record import outbox, sealed_texts, sql
from executions.record.families import begin_turn_again, fold_and_write
from executions.record.flow_source import running_flow, running_revision
from executions.record.ledger import DbLedger
from executions.record.rows import Kept, execution_from, loads
from executions.record.secret_inputs import opened_order, sealing
from executions.record.transitions import MakeEvent, Transition, locked, takes_slot
from executions.starts.begin import Start, begin
from executions.starts.crossing import MayNotCross, require_sight, require_start
from executions.starts.inputs import resolve_values
from executions.starts.runnable import flow_to_start
from flows.expressions import Environment, ExpressionError, ServiceError
from plugins.contracts import State

logger = logging.getLogger(__name__)

Payload = dict[str, Any]


def fold_outbox_events(tenant: str, event_ids: Sequence[str]) -> None:
    """Fold these, one after the other. One that fails is left for the reconciler."""
    for event_id in event_ids:
        try:
            fold_outbox_event(tenant, event_id)
        except Exception:
            logger.exception("an outbox event is left for the reconciler")


def fold_outbox_event(tenant: str, event_id: str) -> bool:
    """Whether there was something to fold: somebody else may have been faster."""
    with tenant_scope(tenant):
        pipeline = Pipeline()
        place = pipeline.add(sql.TAKE_DUE_EVENT, [event_id])
        taken = pipeline.run()[place]
        if not taken:
            return False
        kind, execution_id, payload = taken[0]
        _FOLD[kind](tenant, execution_id, loads(payload))
        return True


def _start_child(tenant: str, parent_id: str, order: Payload) -> None:
    """Start it, or tell the parent why not. The parent's row is held, so that a kill either sees it or comes before."""
    pipeline = Pipeline()
    place = pipeline.add(sql.SHARE_EXECUTION, [parent_id])
    rows = pipeline.run()[place]
    if not rows:
        return
    kept = execution_from(rows[0])
    reason = _why_nothing_starts(kept) or _why_not_below(parent_id, f"{order['namespace']}.{order['flowId']}")
    if reason is not None:
        _refuse(parent_id, order, reason)
        return
    try:
        require_start(kept.record.namespace, order["namespace"])
        flow = flow_to_start(order["namespace"], order["flowId"], order["revision"])
        running = running_revision(flow.revision_id)
        at = now()
        keepers = sealing(tenant, order["namespace"], order["flowId"])
        given, secrets = sealed_texts.opened(opened_order(tenant, parent_id, order["inputs"]))
        inputs = sealed_texts.sealed(resolve_values(running.compiled, given, at, keepers), secrets)
    except ControlPlaneError as error:
        _refuse(parent_id, order, error.message)
        return
    date = order["scheduleDate"]
    begin(
        running,
        Start(
            revision=flow.revision,
            revision_id=flow.revision_id,
            tenant=tenant,
            at=at,
            inputs=inputs,
            labels=order["labels"],
            trigger=order["trigger"],
            parent_id=parent_id,
            parent_task_run_id=order["taskRunId"],
            parent_iteration=order["iteration"],
            schedule_date=parse_iso(date) if date else None,
        ),
    )


def _why_nothing_starts(parent: Kept) -> str | None:
    """An execution starts others while it runs, and while what stands after its end does."""
    record = parent.record
    is_over = record.state.is_terminal and record.frame.get("stage") != "after"
    return f"the execution is {record.state}" if is_over or record.state is State.KILLING else None


def _why_not_below(parent_id: str, flow: str) -> str | None:
    deepest = config().limits.subflow_depth
    lineage = _lineage(parent_id, deepest)
    if _is_killed(lineage):
        return "an execution above it is killed"
    return too_deep([name for name, _, kind in lineage if kind != LOOP], flow, deepest)


def _lineage(execution_id: str, deepest: int) -> list[Row]:
    """The execution and those above it, the outermost first; turns of loops are there, and do not count as deep."""
    pipeline = Pipeline()
    place = pipeline.add(sql.LINEAGE, [execution_id, deepest])
    return pipeline.run()[place]


def _is_killed(lineage: Sequence[Row]) -> bool:
    return any(state in (State.KILLING, State.KILLED) for _, state, _ in lineage)


def _refuse(parent_id: str, order: Payload, reason: str) -> None:
    transition = locked(parent_id, around=[order["taskRunId"]]).transition
    fold_and_write(transition, _refusal(order, reason))


def _child_changed(tenant: str, parent_id: str, told: Payload) -> None:
    transition = _locked_or_none(parent_id, told["taskRunId"])
    if transition is None:
        return
    try:
        outputs = _outputs_for(transition, told)
    except ExpressionError as error:
        reason = f"The outputs of the subflow cannot be rendered: {error.message}"
        fold_and_write(transition, _refusal(told, reason))
    else:
        fold_and_write(
            transition,
            lambda at, seed: ev.ChildChanged(
                at=at,
                seed=seed,
                task_run_id=told["taskRunId"],
                child_id=told["childId"],
                state=State(told["state"]),
                outputs=outputs,
                iteration=told["iteration"],
                flow_id=told["flowId"],
                namespace=told["namespace"],
            ),
        )


def _outputs_for(transition: Transition, told: Payload) -> Mapping[str, Any]:
    """Those of the child's flow, or what the parent's task makes of an ended child whose flow has none."""
    given: Mapping[str, Any] = told["outputs"]
    try:
        task = transition.flow.task(transition.ledger.task_run(told["taskRunId"]).task_id)
    except KeyError:
        return given
    if not wants_to_choose(task) or not State(told["state"]).is_terminal:
        return given
    pipeline = Pipeline()
    place = pipeline.add(sql.READ_EXECUTION, [told["childId"]])
    rows = pipeline.run()[place]
    if not rows:
        return given
    kept = execution_from(rows[0])
    try:
        require_sight(transition.execution.namespace, kept.record.namespace)
    except MayNotCross as error:
        raise ServiceError(f"{error.message}; its flow declares itself what it tells others") from None
    environment = Environment(clock=lambda: transition.at, random=random.Random(), limits=LIMITS)
    child = running_flow(kept).compiled
    chosen = chosen_outputs(task, child, DbLedger(kept), environment)
    return given if chosen is None else chosen


def _refusal(told: Payload, reason: str) -> MakeEvent:
    return lambda at, seed: ev.ChildRefused(
        at=at, seed=seed, task_run_id=told["taskRunId"], reason=reason, iteration=told["iteration"]
    )


def _kill(tenant: str, execution_id: str, what: Payload) -> None:
    """Of a task run, or of all below: pass it on to each execution, one transaction each. Of an execution: kill it."""
    if "taskRunId" not in what and "isBelow" not in what:
        transition = _locked_or_none(execution_id)
        if transition is not None:
            fold_and_write(transition, lambda at, seed: ev.KillRequested(at=at, seed=seed, is_from_above=True))
        return
    pipeline = Pipeline()
    if "isBelow" in what:
        place = pipeline.add(sql.UNFINISHED_BELOW, [execution_id])
        again = -1
    else:
        place = pipeline.add(sql.CHILD_EXECUTIONS, [execution_id, [what["taskRunId"]]])
        again = pipeline.add(sql.REPETITIONS_TO_COME, [execution_id, [what["taskRunId"]]])
    results = pipeline.run()
    to_come = [event_id for (event_id,) in results[again]] if again >= 0 else []
    at = now()
    events = [
        outbox.OutboxRow(new_id(), outbox.KILL, child, f"kill:{child}:by:{execution_id}", {}, at)
        for (child,) in results[place]
    ]
    outbox.insert(pipeline, tenant, events)
    pipeline.run()
    after_commit(lambda: fold_outbox_events(tenant, [*(event.id for event in events), *to_come]))


def _restart_child(tenant: str, parent_id: str, what: Payload) -> None:
    """Run again what failed in a child; when there is nothing, the parent is told in a transaction of its own."""
    transition = _locked_or_none(what["childId"])
    if transition is not None:
        has_slot = takes_slot(transition)
        outcome = fold_and_write(transition, lambda at, seed: ev.RestartRequested(at=at, seed=seed, has_slot=has_slot))
        if outcome.refused is None:
            return
    pipeline = Pipeline()
    told = {"taskRunId": what["taskRunId"], "iteration": what["iteration"]}
    event = outbox.OutboxRow(new_id(), outbox.NOT_RESTARTED, parent_id, f"not:{new_id()}", told, now())
    outbox.insert(pipeline, tenant, [event])
    pipeline.run()
    after_commit(lambda: fold_outbox_events(tenant, [event.id]))


def _not_restarted(tenant: str, parent_id: str, told: Payload) -> None:
    transition = _locked_or_none(parent_id, told["taskRunId"])
    if transition is not None:
        fold_and_write(
            transition,
            lambda at, seed: ev.ChildNotRestarted(
                at=at, seed=seed, task_run_id=told["taskRunId"], iteration=told["iteration"]
            ),
        )


def _turns_due(tenant: str, execution_id: str, what: Payload) -> None:
    transition = _locked_or_none(execution_id, what["taskRunId"])
    if transition is not None:
        fold_and_write(transition, lambda at, seed: ev.TurnsDue(at=at, seed=seed, task_run_id=what["taskRunId"]))


def _slot_freed(tenant: str, execution_id: str, _: Payload) -> None:
    transition = _locked_or_none(execution_id)
    if transition is not None:
        fold_and_write(transition, lambda at, seed: ev.SlotFreed(at=at, seed=seed))


def _start_again(tenant: str, execution_id: str, what: Payload) -> None:
    """The execution ended RETRIED; another one takes its place with the same inputs."""
    pipeline = Pipeline()
    place = pipeline.add(sql.READ_EXECUTION, [execution_id])
    rows = pipeline.run()[place]
    if not rows:
        return
    kept = execution_from(rows[0])
    before = kept.record
    if kept.parent_task_run_id is not None and _is_not_waited_for(tenant, kept):
        return
    if before.loop_run is not None:
        begin_turn_again(kept)
        return
    begin(
        running_revision(kept.revision_id),
        Start(
            revision=before.flow_revision,
            revision_id=kept.revision_id,
            tenant=tenant,
            at=now(),
            inputs=before.inputs,
            labels={**before.labels, **REPEATS},
            variables=before.variables,
            trigger=before.trigger,
            parent_id=before.parent_id,
            parent_task_run_id=kept.parent_task_run_id,
            parent_iteration=kept.parent_iteration,
            original_id=before.original_id or before.id,
            kind=before.kind,
            attempt_number=what["attemptNumber"],
            original_created_date=before.original_created_date or before.start_date,
        ),
    )


def _is_not_waited_for(tenant: str, kept: Kept) -> bool:
    """Something above it is killed: what started it is told, and nothing is repeated."""
    parent_id = kept.record.parent_id or ""
    pipeline = Pipeline()
    pipeline.add(sql.SHARE_EXECUTION, [parent_id])
    pipeline.run()
    if not _is_killed(_lineage(parent_id, config().limits.subflow_depth)):
        return False
    events = outbox.of_gone(kept, now())
    outbox.insert(pipeline, tenant, events)
    pipeline.run()
    after_commit(lambda: fold_outbox_events(tenant, [event.id for event in events]))
    return True


def _ended(tenant: str, execution_id: str, _: Payload) -> None:
    pipeline = Pipeline()
    place = pipeline.add(sql.READ_EXECUTION, [execution_id])
    for row in pipeline.run()[place]:
        execution_ended.tell(execution_from(row).record)


def _locked_or_none(execution_id: str, task_run_id: str | None = None) -> Any:
    try:
        return locked(execution_id, around=[task_run_id] if task_run_id else []).transition
    except NotFound:
        return None


_FOLD: dict[str, Callable[[str, str, Payload], None]] = {
    outbox.START_CHILD: _start_child,
    outbox.START_AGAIN: _start_again,
    outbox.CHILD_CHANGED: _child_changed,
    outbox.KILL: _kill,
    outbox.RESTART_CHILD: _restart_child,
    outbox.NOT_RESTARTED: _not_restarted,
    outbox.TURNS_DUE: _turns_due,
    outbox.SLOT_FREED: _slot_freed,
    outbox.ENDED: _ended,
}
