"""Where the look at a trigger stands, and as whom it acts: as its flow."""

from __future__ import annotations

from control_plane.kernel.scope import current_tenant
from executions.starts.crossing import flow_context
from stores.storage.keys import cache_prefix, execution_prefix
from triggers.models import Trigger
from workers.queue.kinds import Place


def place_of(row: Trigger) -> Place:
    """Files it keeps are those of the execution that it may start."""
    tenant, look = current_tenant(), row.evaluation_id or ""
    ctx = flow_context(row.namespace, row.flow_id, look, row.trigger_id, look)
    ctx.because = lambda: {"triggerId": row.trigger_id, "evaluationId": look}
    return Place(
        ctx=ctx,
        namespace=row.namespace,
        flow_id=row.flow_id,
        execution_id=look,
        task_id=row.trigger_id,
        task_run_id=look,
        files=execution_prefix(tenant, row.namespace, row.flow_id, look),
        caches=cache_prefix(tenant, row.namespace, row.flow_id),
    )
