"""Mend the count of places under a flow's limit. It is the number of executions that hold one, so nobody sets it."""

from __future__ import annotations

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import after_commit
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Conflict, NotFound
from executions.record import outbox
from executions.record.slots import free_left_over, give_free_slots
from flows.models import Flow
from flows.permissions import FLOW
from flows.services.targets import living_flow


class OtherCount(Conflict):
    """Another number of executions than the one given holds a place."""

    code = "other_count"


@command(FLOW.UPDATE, on=living_flow)
def mend_places(ctx: Context, *, namespace: str, flow_id: str, running: int | None = None) -> int:
    """Free places that nothing holds any more, and give those that are free to who has waited longest.

    How many hold a place now. Raises NotFound for a flow without a limit, and OtherCount when `running` is not how
    many held one.
    """
    flow = ctx.target_as(Flow)
    limit = (flow.document.get("concurrency") or {}).get("limit")
    if limit is None:
        raise NotFound(f"Flow '{namespace}.{flow_id}' has no concurrency limit")
    before, held = free_left_over(flow.tenant_id, namespace, flow_id)
    if running is not None and running != held:
        raise OtherCount(f"`running` is counted: {held} executions of flow '{namespace}.{flow_id}' hold a place")
    tenant = flow.tenant_id
    told = give_free_slots(tenant, namespace, flow_id, limit, now())
    after_commit(lambda: outbox.fold_now(tenant, told))
    after = held + len(told)
    ctx.record(
        FLOW.name,
        flow.id,
        namespace=namespace,
        before={"running": before},
        after={"running": after},
        flowId=flow_id,
    )
    return after
