"""Places under a flow's concurrency limit: one row for each running execution, so that the count cannot drift."""

from __future__ import annotations

from datetime import datetime

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.ids import new_id
from executions.record import outbox, sql
from executions.record.rows import Kept


def take_slot(tenant: str, namespace: str, flow_id: str, execution_id: str, limit: int) -> bool:
    """Take a free place if there is one. Until the commit nobody else takes or frees a place of this flow."""
    pipeline = Pipeline()
    pipeline.add(sql.LOCK_SLOTS, [_lock_name(tenant, namespace, flow_id)])
    place = pipeline.add(sql.TAKE_SLOT, [new_id(), tenant, namespace, flow_id, execution_id, limit, namespace, flow_id])
    return bool(pipeline.run()[place])


def free_slot(kept: Kept, at: datetime) -> list[outbox.OutboxRow]:
    """Give the place of an execution that has ended to the one that has waited longest; what that one must be told."""
    record = kept.record
    pipeline = Pipeline()
    pipeline.add(sql.LOCK_SLOTS, [_lock_name(record.tenant, record.namespace, record.flow_id)])
    freed = pipeline.add(sql.FREE_SLOT, [record.id])
    waiting = pipeline.add(sql.LONGEST_QUEUED, [record.namespace, record.flow_id])
    results = pipeline.run()
    if not results[freed] or not results[waiting]:
        return []
    (_, _, number), (heir,) = results[freed][0], results[waiting][0]
    if heir == record.id:
        return []
    pipeline.add(sql.GIVE_SLOT, [new_id(), record.tenant, record.namespace, record.flow_id, number, heir])
    pipeline.run()
    return [outbox.slot_freed(heir, record.id, at)]


def free_left_over(tenant: str, namespace: str, flow_id: str) -> tuple[int, int]:
    """Free places of executions that have ended or are gone; how many were taken before, and how many are now."""
    pipeline = Pipeline()
    pipeline.add(sql.LOCK_SLOTS, [_lock_name(tenant, namespace, flow_id)])
    before = pipeline.add(sql.COUNT_SLOTS, [namespace, flow_id])
    pipeline.add(sql.FREE_LEFT_OVER, [namespace, flow_id])
    after = pipeline.add(sql.COUNT_SLOTS, [namespace, flow_id])
    results = pipeline.run()
    return results[before][0][0], results[after][0][0]


def give_free_slots(tenant: str, namespace: str, flow_id: str, limit: int, at: datetime) -> list[str]:
    """Give every free place to whoever has waited longest; the outbox events that tell them."""
    pipeline, told = Pipeline(), list[outbox.OutboxRow]()
    pipeline.add(sql.LOCK_SLOTS, [_lock_name(tenant, namespace, flow_id)])
    pipeline.run()
    while len(told) < limit:
        pipeline = Pipeline()
        place = pipeline.add(sql.LONGEST_QUEUED, [namespace, flow_id])
        waiting = pipeline.run()[place]
        if not waiting or not take_slot(tenant, namespace, flow_id, waiting[0][0], limit):
            break
        told.append(outbox.slot_freed(waiting[0][0], new_id(), at))
    pipeline = Pipeline()
    outbox.insert(pipeline, tenant, told)
    pipeline.run()
    return [event.id for event in told]


def _lock_name(tenant: str, namespace: str, flow_id: str) -> str:
    return f"slots:{tenant}:{namespace}:{flow_id}"
