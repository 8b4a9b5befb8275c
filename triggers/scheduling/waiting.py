"""Lets triggers go on that wait for an execution which is over or gone: nothing that can vanish holds one for good."""

from __future__ import annotations

import logging

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, tenant_scope
from control_plane.kernel.words.clock import now
from executions.record.sql import OF_THIS_TENANT
from triggers.models import Trigger
from triggers.record.rows import set_due

logger = logging.getLogger(__name__)

AT_ONCE = 500

_TENANTS = "SELECT DISTINCT tenant_id FROM flow_trigger WHERE execution_id IS NOT NULL"
_IN_VAIN = f"""
SELECT id FROM flow_trigger t WHERE execution_id IS NOT NULL AND {OF_THIS_TENANT} AND NOT EXISTS (
    SELECT FROM execution e WHERE e.id = t.execution_id AND e.end_date IS NULL AND e.tenant_id = t.tenant_id)
LIMIT {AT_ONCE}"""


def free_those_that_wait_in_vain() -> bool:
    """Whether there may be more."""
    pipeline = Pipeline()
    with across_tenants("triggers of all tenants that wait for an execution"):
        place = pipeline.add(_TENANTS)
        tenants = [tenant for (tenant,) in pipeline.run()[place]]
    more = [_free(tenant) for tenant in tenants]
    return any(more)


def _free(tenant: str) -> bool:
    pipeline = Pipeline()
    with tenant_scope(tenant):
        place = pipeline.add(_IN_VAIN)
        ids = [trigger_id for (trigger_id,) in pipeline.run()[place]]
        for row in Trigger.objects.select_for_update(skip_locked=True).filter(pk__in=ids):
            at = now()
            row.execution_id = None
            set_due(row, at)
            row.save(update_fields=["execution_id", "due_at"])
    return len(ids) == AT_ONCE
