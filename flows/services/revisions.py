"""Forget old revisions of a flow."""

from __future__ import annotations

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.words.errors import Conflict
from flows.models import Flow
from flows.permissions import FLOW
from flows.services.targets import living_flow


@command(FLOW.DELETE, on=living_flow)
def delete_revisions(ctx: Context, *, namespace: str, flow_id: str, numbers: list[int]) -> int:
    """Remove these revisions; return how many there were. Conflict for the one that runs now or is the latest."""
    assert isinstance(ctx.target, Flow)
    flow = ctx.target
    doomed = list(flow.revisions.filter(revision__in=numbers))
    if any(row.id == flow.revision_id or row.revision == flow.revision for row in doomed):
        raise Conflict("The latest revision of a flow cannot be deleted")
    for row in doomed:
        ctx.record("FLOW", flow.id, namespace=namespace, before=row.document, flowId=flow_id, revision=row.revision)
    flow.revisions.filter(id__in=[row.id for row in doomed]).delete()
    return len(doomed)
