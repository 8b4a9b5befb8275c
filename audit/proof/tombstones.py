"""What stands where entries were purged: signed, so that a purge can be told from a deletion."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from audit.models import AuditTombstone
from audit.proof.keys import Document, SigningKey
from audit.searching.index import forget
from audit.verifier.verify import canonical
from control_plane.kernel.actor import Context
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import current_owner
from control_plane.kernel.words.clock import iso, now

_DELETE = "DELETE FROM audit_entry WHERE tenant_id = %s AND seq = ANY(%s)"


@dataclass(slots=True)
class Run:
    """Entries that follow each other: places, and the hashes at both ends."""

    first: int
    last: int
    previous: str
    hash: str


def runs_of(links: Iterable[tuple[int, str, str]]) -> Iterator[Run]:
    """`links` are place, previous and hash of entries in order."""
    run: Run | None = None
    for seq, previous, hash_ in links:
        if run is not None and seq == run.last + 1:
            run.last, run.hash = seq, hash_
            continue
        if run is not None:
            yield run
        run = Run(seq, seq, previous, hash_)
    if run is not None:
        yield run


def bury(ctx: Context, key: SigningKey, links: Sequence[tuple[int, str, str]]) -> int:
    """Put tombstones for these entries and delete them, in the open scope; how many tombstones there are."""
    rows = [_row(ctx, key, run) for run in runs_of(links)]
    AuditTombstone.objects.bulk_create(rows)
    places = [seq for seq, _, _ in links]
    forget(places)
    pipeline = Pipeline()
    pipeline.add_across_tenants(
        "the serving role itself deletes no entry: only with a tombstone, as another one",
        _DELETE,
        [current_owner(), places],
    )
    pipeline.run()
    return len(rows)


def _row(ctx: Context, key: SigningKey, run: Run) -> AuditTombstone:
    told: Document = {
        "kind": "tombstone",
        "tenant": current_owner(),
        "first": run.first,
        "last": run.last,
        "previous": run.previous,
        "hash": run.hash,
        "at": iso(now()),
        "by": {"kind": ctx.actor.kind.value, "id": ctx.actor.id, "name": ctx.actor.name},
    }
    document = canonical(key.signed(told))
    return AuditTombstone(tenant_id=current_owner(), first=run.first, last=run.last, document=document)


def tombstone_documents(after: int = 0, until: int | None = None) -> list[Document]:
    """Those of the open scope's chain that begin after one place and not after another, in order."""
    rows = AuditTombstone.objects.filter(first__gt=after)
    rows = rows.filter(first__lte=until) if until is not None else rows
    return [json.loads(text) for text in rows.order_by("first").values_list("document", flat=True)]
