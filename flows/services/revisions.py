"""Forget old revisions of a flow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db.models import F, Q, Window
from django.db.models.functions import RowNumber

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.places import within
from control_plane.kernel.words.errors import Conflict
from flows.models import Flow, FlowRevision
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


MOST_AT_ONCE = 5_000


@command(FLOW.DELETE, on="{namespace}")
def purge_revisions(
    ctx: Context,
    *,
    namespace: str,
    flow_id: str | None = None,
    before: datetime | None = None,
    keep: int | None = None,
    spared: Collection[str] = (),
) -> int:
    """Remove old revisions of the flows in a namespace and below, or of one flow; return how many, at most 5,000.

    Those made before a date, and all but the newest `keep` of each flow; with both a revision must be both. The latest,
    the one that runs now, and those in `spared` always stay.
    """
    reached = Q(flow__namespace=namespace, flow__flow_id=flow_id) if flow_id else within("flow__namespace", namespace)
    ranked = FlowRevision.objects.filter(reached).annotate(
        rank=Window(RowNumber(), partition_by=[F("flow_id")], order_by=F("revision").desc())
    )
    old = ranked.filter(rank__gt=keep or 1)
    old = old.filter(created_at__lt=before) if before is not None else old
    doomed: dict[tuple[str, str, str], list[FlowRevision]] = defaultdict(list)
    for row in old.select_related("flow").defer("source", "document", "flow__source", "flow__document")[:MOST_AT_ONCE]:
        if row.id != row.flow.revision_id and row.id not in spared:
            doomed[row.flow.namespace, row.flow.flow_id, row.flow.id].append(row)
    for (owner, own_id, key), rows in doomed.items():
        numbers = sorted(row.revision for row in rows)
        ctx.record("FLOW", key, namespace=owner, flowId=own_id, revisionsDeleted=numbers)
    ids = [row.id for rows in doomed.values() for row in rows]
    FlowRevision.objects.filter(id__in=ids).delete()
    return len(ids)
