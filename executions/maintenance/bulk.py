"""Carries out acts on many executions that were accepted: one command for each execution."""

from __future__ import annotations

import logging

from control_plane.kernel.round_trip import RoundTrip
from control_plane.kernel.scope import across_tenants, tenant_scope
from control_plane.kernel.words.clock import now
from executions import sql
from executions.models import BulkOperation
from executions.services.bulk import act_on_one

logger = logging.getLogger(__name__)

AT_ONCE = 100
MOST_REASONS = 100


def carry_on() -> bool:
    """Whether there may be more. Two may carry on with one operation: an act that was done already is refused."""
    trip = RoundTrip()
    with across_tenants("acts on many executions of all tenants that were accepted"):
        place = trip.add(sql.OPEN_OPERATIONS, [AT_ONCE])
        found = trip.run()[place]
    more = False
    for tenant, operation_id in found:
        more |= _carry_on(tenant, operation_id)
    return more


def _carry_on(tenant: str, operation_id: str) -> bool:
    """Some of one operation; whether some are left."""
    with tenant_scope(tenant):
        operation = BulkOperation.objects.get(pk=operation_id)
    part = operation.execution_ids[operation.done : operation.done + AT_ONCE]
    for execution_id in part:
        refused = act_on_one(operation, execution_id)
        if refused is not None and len(operation.failures) < MOST_REASONS:
            operation.failures[execution_id] = refused
    operation.done += len(part)
    if operation.done >= operation.total:
        operation.ended_at = now()
    with tenant_scope(tenant):
        operation.save(update_fields=["done", "failures", "ended_at"])
    return operation.ended_at is None
