"""How far the trail has been shipped and anchored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.models import AuditAnchor, AuditCursor, AuditEntry, AuditHead, AuditRead, AuditTombstone
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, current_owner
from control_plane.kernel.words.clock import iso_or_none, now

_LAGS = """
SELECT count(*) FILTER (WHERE h.seq > COALESCE(c.seq, 0)),
    COALESCE(sum(h.seq - COALESCE(c.seq, 0)), 0)::bigint,
    COALESCE(extract(epoch FROM clock_timestamp() - min(e.at)), 0)::float,
    count(*) FILTER (WHERE c.failed_at IS NOT NULL)
FROM audit_head h
LEFT JOIN audit_cursor c ON c.tenant_id = h.tenant_id AND c.destination = %s
LEFT JOIN audit_entry e ON e.tenant_id = h.tenant_id AND e.seq = COALESCE(c.seq, 0) + 1
"""
_UNANCHORED = """
SELECT COALESCE(extract(epoch FROM clock_timestamp() - min(e.at)), 0)::float FROM audit_head h
LEFT JOIN LATERAL (
    SELECT a.seq FROM audit_anchor a WHERE a.tenant_id = h.tenant_id ORDER BY a.number DESC LIMIT 1
) a ON true
JOIN audit_entry e ON e.tenant_id = h.tenant_id AND e.seq = COALESCE(a.seq, 0) + 1
"""


@dataclass(frozen=True, slots=True)
class Lag:
    """Of one destination, over all tenants: how many are behind, by how many entries, and since when."""

    destination: str
    tenants: int
    entries: int
    seconds: float
    failing: int


def lags(destinations: Sequence[str]) -> list[Lag]:
    with across_tenants("how far the trails of all tenants have been shipped"):
        pipeline = Pipeline()
        places = [pipeline.add(_LAGS, [name]) for name in destinations]
        rows = pipeline.run() if places else []
    return [Lag(name, *rows[place][0]) for name, place in zip(destinations, places, strict=True)]


def unanchored_seconds() -> float:
    """How long the oldest entry of any tenant waits for an anchor."""
    with across_tenants("how old the anchors of all tenants are"):
        pipeline = Pipeline()
        place = pipeline.add(_UNANCHORED)
        return float(pipeline.run()[place][0][0])


def trail_state(destinations: Sequence[str]) -> dict[str, Any]:
    """Of the open scope's chain."""
    head = AuditHead.objects.filter(tenant_id=current_owner()).first()
    seq = head.seq if head is not None else 0
    anchor = AuditAnchor.objects.order_by("-number").first()
    return without_nulls(
        entries=seq,
        anchors=AuditAnchor.objects.count(),
        anchoredAt=iso_or_none(anchor.at) if anchor is not None else None,
        anchoredEntry=anchor.seq if anchor is not None else 0,
        isOutside=anchor is not None and anchor.is_outside,
        tombstones=AuditTombstone.objects.count(),
        shipping=[_shipping(name, seq) for name in destinations],
    )


def _shipping(destination: str, seq: int) -> dict[str, Any]:
    cursor = AuditCursor.objects.filter(destination=destination).first()
    shipped = cursor.seq if cursor is not None else 0
    return without_nulls(
        destination=destination,
        shipped=shipped,
        behind=seq - shipped,
        lagSeconds=_waiting(shipped),
        failedAt=iso_or_none(cursor.failed_at) if cursor is not None else None,
        error=cursor.error if cursor is not None else "",
    )


def _waiting(shipped: int) -> float:
    oldest: datetime | None = (
        AuditEntry.objects.filter(seq__gt=shipped).order_by("seq").values_list("at", flat=True).first()
    )
    return round((now() - oldest).total_seconds(), 1) if oldest is not None else 0.0


@dataclass(frozen=True, slots=True)
class Read:
    """That a job has read something: what, from where, when, and in which execution of which flow."""

    object_id: str
    namespace: str
    at: datetime
    execution_id: str
    reader: str


def last_reads(resource: str, object_ids: Iterable[str]) -> list[Read]:
    """The newest read of each of these from each namespace, of the open tenant, told already or not."""
    wanted = list(object_ids)
    told = AuditEntry.objects.filter(resource=resource, action="READ", object_id__in=wanted)
    newest = told.order_by("object_id", "namespace", "-seq").distinct("object_id", "namespace")
    found = [
        Read(each.object_id, each.namespace or "", each.at, each.actor_id, each.actor_name)
        for each in newest.defer("body")
    ]
    noted = AuditRead.objects.filter(resource=resource, object_id__in=wanted).order_by("last_at")
    found += [Read(each.object_id, each.namespace, each.last_at, each.execution_id, each.reader) for each in noted]
    latest = {(each.object_id, each.namespace): each for each in sorted(found, key=lambda each: each.at)}
    return list(latest.values())
