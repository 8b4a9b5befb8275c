"""Fires timers that are due. Taking one and folding its event is one transaction, so it fires once."""

from __future__ import annotations

import logging

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, tenant_scope
from executions.engine import events as ev
from executions.record import sql
from executions.record.families import Family, apply, fold_and_write
from executions.record.rest_keys import REST
from executions.record.rests import end_rest
from executions.record.slots import take_slot
from executions.record.transitions import Transition, locked
from executions.starts.held import BEGIN, is_kept_back

logger = logging.getLogger(__name__)

AT_ONCE = 200


def fire_due_timers() -> bool:
    """Whether there may be more."""
    pipeline = Pipeline()
    with across_tenants("timers of all tenants that are due"):
        place = pipeline.add(sql.DUE_TIMERS, [AT_ONCE])
        due = pipeline.run()[place]
    for tenant, timer_id, execution_id, key in due:
        try:
            fire(tenant, timer_id, execution_id, key)
        except Exception:
            logger.exception("a timer could not be fired")
    return len(due) == AT_ONCE


def fire(tenant: str, timer_id: str, execution_id: str, key: str) -> None:
    take = (sql.TAKE_TIMER, [timer_id])
    if key.startswith(REST):
        with tenant_scope(tenant):
            end_rest((sql.TAKE_TIMER, [timer_id]), execution_id, key)
        return
    if key != BEGIN:
        apply(tenant, execution_id, lambda at, seed: ev.TimerFired(at=at, seed=seed, key=key), first=take)
        return
    with tenant_scope(tenant):
        pipeline = Pipeline()
        pipeline.add(*take)
        found = locked(execution_id, pipeline=pipeline)
        if found.results[0]:
            _begin(found.transition)


def _begin(transition: Transition) -> None:
    """What an execution waited for has come: its date, or an operator's leave."""
    record = transition.execution
    pipeline = Pipeline()
    if is_kept_back(transition, pipeline, is_again=True):
        Family(transition).finish(pipeline)
        return
    flow = transition.flow.flow
    limit = flow.concurrency.limit if flow.concurrency is not None else 0
    has_slot = not limit or take_slot(record.tenant, record.namespace, record.flow_id, record.id, limit)
    fold_and_write(transition, lambda at, seed: ev.Created(at=at, seed=seed, has_slot=has_slot))
