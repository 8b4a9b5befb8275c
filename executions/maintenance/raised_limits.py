"""A limit that was raised lets executions go on that wait for a place."""

from __future__ import annotations

import logging

from control_plane.kernel.scope import after_commit, current_tenant, tenant_scope
from control_plane.kernel.words.clock import now
from executions.record import outbox
from executions.record.slots import give_free_slots
from flows.hooks import FlowChanged

logger = logging.getLogger(__name__)


def follow_limit(change: FlowChanged) -> None:
    """After the flow is saved, in a transaction of its own: whoever ends an execution holds places before triggers."""
    if change.flow is None or change.flow.concurrency is None:
        return
    tenant, limit = current_tenant(), change.flow.concurrency.limit
    after_commit(lambda: _give(tenant, change.namespace, change.flow_id, limit))


def _give(tenant: str, namespace: str, flow_id: str, limit: int) -> None:
    """What fails here is no failure of the save: the next end, or whoever counts again, gives the places."""
    try:
        with tenant_scope(tenant):
            told = give_free_slots(tenant, namespace, flow_id, limit, now())
            after_commit(lambda: outbox.fold_now(tenant, told))
    except Exception:
        logger.exception("free places of flow %s.%s are given later", namespace, flow_id)
