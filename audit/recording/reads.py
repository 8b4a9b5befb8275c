"""Reads by jobs, told in batches: each is noted in the transaction that reads, and an entry tells of many."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

from audit.models import AuditRead
from audit.recording.owners import scope_of
from audit.recording.trail import Action, append
from control_plane.kernel.actor import Actor, ActorKind, Change, Context
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, current_owner
from control_plane.kernel.words.clock import iso, now
from control_plane.kernel.words.ids import new_id

BATCH = timedelta(seconds=30)
MOST_AT_ONCE = 2_000
MOST_SHOWN = 100
_NOTE = """
INSERT INTO audit_read AS r
    (id, tenant_id, resource, object_id, namespace, reader, execution_id, count, first_at, last_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, 1, clock_timestamp(), clock_timestamp())
ON CONFLICT (tenant_id, resource, object_id, namespace, reader, execution_id)
    DO UPDATE SET count = r.count + 1, last_at = clock_timestamp()
"""
_DUE = "SELECT DISTINCT tenant_id FROM audit_read WHERE first_at <= %s"


def note_read(ctx: Context, resource: str, object_id: str, namespace: str) -> None:
    """A job has read this, in the open scope: where it cannot be noted, it is not read."""
    reader = ctx.actor.name.partition("/")[0]
    pipeline = Pipeline()
    pipeline.add(_NOTE, [new_id(), current_owner(), resource, object_id, namespace, reader, ctx.actor.id])
    pipeline.run()
    ctx.entries += 1


def tell_reads() -> bool:
    """One entry for each thing and flow of what was noted a while ago; whether there may be more."""
    before = now() - BATCH
    with across_tenants("reads of all tenants that no entry tells of yet"):
        pipeline = Pipeline()
        place = pipeline.add(_DUE, [before])
        owners = [row[0] for row in pipeline.run()[place]]
    more = [_tell(owner) for owner in owners]
    return any(more)


def _tell(owner: str) -> bool:
    with scope_of(owner):
        noted = list(AuditRead.objects.select_for_update(skip_locked=True).order_by("first_at")[:MOST_AT_ONCE])
        batches: dict[tuple[str, str, str, str], list[AuditRead]] = defaultdict(list)
        for read in noted:
            batches[read.resource, read.object_id, read.namespace, read.reader].append(read)
        for (resource, object_id, namespace, reader), reads in batches.items():
            executions = [read.execution_id for read in reads]
            ctx = Context(Actor(ActorKind.JOB, id=executions[-1], name=reader), tenant_id=owner)
            detail = {
                "key": object_id,
                "flow": reader,
                "executionId": executions[-1],
                "executions": executions[:MOST_SHOWN],
                "count": sum(read.count for read in reads),
                "since": iso(reads[0].first_at),
            }
            change = Change(resource, object_id, namespace, None, None, detail)
            append(ctx, [change], action=Action.READ, by="audit.recording.reads")
        AuditRead.objects.filter(id__in=[read.id for read in noted]).delete()
        return len(noted) == MOST_AT_ONCE
