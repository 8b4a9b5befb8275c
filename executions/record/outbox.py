"""What one execution means for another: rows that are folded right after the commit, or by the reconciler."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.ids import new_id
from executions.engine.decisions import ChildOrder, ChildRestart, Decisions
from executions.hooks import execution_ended
from executions.record import sql
from executions.record.rows import Kept, dumps
from executions.record.secret_inputs import sealed_order
from plugins.contracts import State

START_CHILD = "start_child"
START_AGAIN = "start_again"
CHILD_CHANGED = "child_changed"
RESTART_CHILD = "restart_child"
NOT_RESTARTED = "not_restarted"
TURNS_DUE = "turns_due"
KILL = "kill"
SLOT_FREED = "slot_freed"
ENDED = "ended"


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """`execution_id` is whom it is for; of a start, who ordered it. `key` is unique in the tenant."""

    id: str
    kind: str
    execution_id: str
    key: str
    payload: dict[str, Any]
    due_at: datetime


def of_decisions(kept: Kept, decisions: Decisions, at: datetime) -> list[OutboxRow]:
    """Children to start or to kill, and the execution that is to be tried anew."""
    own = kept.record.id
    events = [_start_child(kept.record.tenant, own, order, at) for order in decisions.children]
    events += [
        OutboxRow(new_id(), KILL, own, f"kill:{own}:{task_run_id}", {"taskRunId": task_run_id}, at)
        for task_run_id in decisions.kill_children_of
    ]
    events += [_restart_child(own, len(kept.record.history), restart, at) for restart in decisions.restarts]
    events += [
        OutboxRow(new_id(), TURNS_DUE, own, f"turns:{task_run_id}:{new_id()}", {"taskRunId": task_run_id}, at)
        for task_run_id in decisions.more_turns_of
    ]
    if decisions.kills_descendants:
        events.append(OutboxRow(new_id(), KILL, own, f"kill:below:{own}:{new_id()}", {"isBelow": True}, at))
    again = decisions.retry_execution
    if again is not None:
        payload = {"attemptNumber": again.attempt_number}
        events.append(
            OutboxRow(new_id(), START_AGAIN, own, f"again:{own}:{again.attempt_number}", payload, again.due_at)
        )
    return events


def _start_child(tenant: str, own: str, order: ChildOrder, at: datetime) -> OutboxRow:
    key = f"child:{order.task_run_id}:{order.attempt}:{'' if order.iteration is None else order.iteration}"
    payload = {
        "taskRunId": order.task_run_id,
        "namespace": order.namespace,
        "flowId": order.flow_id,
        "revision": order.revision,
        "inputs": sealed_order(tenant, own, order.inputs),
        "labels": dict(order.labels),
        "iteration": order.iteration,
        "scheduleDate": order.schedule_date,
        "isAwaited": order.is_awaited,
        "trigger": dict(order.trigger),
    }
    return OutboxRow(new_id(), START_CHILD, own, key, payload, at)


def _restart_child(own: str, number: int, restart: ChildRestart, at: datetime) -> OutboxRow:
    key = f"restart:{restart.child_id}:{restart.task_run_id}:{number}"
    payload = {"taskRunId": restart.task_run_id, "childId": restart.child_id, "iteration": restart.iteration}
    return OutboxRow(new_id(), RESTART_CHILD, own, key, payload, at)


def of_end(kept: Kept, at: datetime) -> list[OutboxRow]:
    """An end is told to the parent, and to whoever listens for ends."""
    record = kept.record
    events = _to_parent(kept, at)
    if record.loop_run is None and execution_ended.is_wanted(record):
        events.append(OutboxRow(new_id(), ENDED, record.id, f"ended:{record.id}:{len(record.history)}", {}, at))
    return events


def of_removal(kept: Kept, at: datetime) -> list[OutboxRow]:
    """Who deletes an execution that has not ended keeps nobody waiting for it."""
    return [] if kept.record.state.is_terminal else of_gone(kept, at)


def of_gone(kept: Kept, at: datetime) -> list[OutboxRow]:
    """What started an execution waits for it in vain: it is told that it was killed."""
    record = kept.record
    if record.parent_id is None or kept.parent_task_run_id is None:
        return []
    payload = _told(kept) | {"state": State.KILLED.value, "outputs": {}}
    return [OutboxRow(new_id(), CHILD_CHANGED, record.parent_id, f"gone:{record.id}", payload, at)]


def of_start(kept: Kept, at: datetime) -> list[OutboxRow]:
    return _to_parent(kept, at)


def _to_parent(kept: Kept, at: datetime) -> list[OutboxRow]:
    record = kept.record
    if record.parent_id is None or kept.parent_task_run_id is None or record.loop_run is not None:
        return []  # the end of a turn is told in its own transaction
    key = f"told:{record.id}:{len(record.history)}"
    return [OutboxRow(new_id(), CHILD_CHANGED, record.parent_id, key, _told(kept), at)]


def _told(kept: Kept) -> dict[str, Any]:
    record = kept.record
    return {
        "taskRunId": kept.parent_task_run_id,
        "childId": record.id,
        "state": record.state.value,
        "outputs": record.outputs or {},
        "iteration": kept.parent_iteration,
        "flowId": record.flow_id,
        "namespace": record.namespace,
    }


def slot_freed(heir: str, by: str, at: datetime) -> OutboxRow:
    return OutboxRow(new_id(), SLOT_FREED, heir, f"slot:{heir}:{by}", {}, at)


def insert(pipeline: Pipeline, tenant: str, events: Sequence[OutboxRow]) -> None:
    for event in events:
        pipeline.add(
            sql.INSERT_DUE_EVENT,
            [event.id, tenant, event.kind, event.execution_id, event.key, dumps(event.payload), event.due_at],
        )


FoldDue = Callable[[str, Sequence[str]], None]
_fold: list[FoldDue] = []


def fold_with(fold: FoldDue) -> None:
    """Say who folds outbox events; it stands above the transitions it brings about."""
    _fold[:] = [fold]


def fold_now(tenant: str, event_ids: Sequence[str]) -> None:
    """Fold these right after the commit that wrote them. It does not raise: the reconciler finds what is left."""
    for fold in _fold:
        if event_ids:
            fold(tenant, event_ids)
