"""Ships entries as they happen: at least once, in the order of each tenant's chain, from where a cursor stands."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import IntegrityError

from audit.delivery.destinations import Batch, DeliveryFailed, Destination
from audit.delivery.opening import ship_destinations
from audit.exporting.lines import entry_line_of
from audit.models import AuditCursor, AuditEntry
from audit.recording.owners import scope_of
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants
from control_plane.kernel.words.clock import now

logger = logging.getLogger(__name__)
AT_ONCE = 500
PATIENCE = timedelta(seconds=5)
"""After a failure a destination is left alone this long."""
_BEHIND = """
SELECT h.tenant_id FROM audit_head h
LEFT JOIN audit_cursor c ON c.tenant_id = h.tenant_id AND c.destination = %s
WHERE h.seq > COALESCE(c.seq, 0) AND (c.failed_at IS NULL OR c.failed_at < clock_timestamp() - %s::interval)
ORDER BY COALESCE(c.moved_at, '-infinity'), h.tenant_id LIMIT 1000
"""


class Shipper:
    """Holds the destinations open from one pass to the next."""

    def __init__(self, destinations: list[Destination] | None = None, at_once: int | None = None) -> None:
        self._destinations = destinations if destinations is not None else ship_destinations()
        self._at_once = at_once or AT_ONCE

    def ship(self) -> bool:
        """One batch of each tenant that is behind, to each destination; whether more may be waiting.

        Safe if two do it at once: the row of a cursor is locked while its batch is on its way.
        """
        more = False
        for destination in self._destinations:
            for owner in owners_behind(destination.name):
                more |= _ship_batch(owner, destination, self._at_once)
        return more


def owners_behind(destination: str) -> list[str]:
    with across_tenants("heads of all tenants that are ahead of what was shipped"):
        pipeline = Pipeline()
        place = pipeline.add(_BEHIND, [destination, f"{PATIENCE.total_seconds()} seconds"])
        return [row[0] for row in pipeline.run()[place]]


def _ship_batch(owner: str, destination: Destination, at_once: int) -> bool:
    _ensure_cursor(owner, destination.name)
    with scope_of(owner):
        cursor = AuditCursor.objects.select_for_update(skip_locked=True).filter(destination=destination.name).first()
        if cursor is None:
            return False
        entries = list(AuditEntry.objects.filter(seq__gt=cursor.seq).order_by("seq")[:at_once])
        if not entries:
            return False
        batch = Batch("entries", owner, entries[0].seq, entries[-1].seq, [entry_line_of(each) for each in entries])
        try:
            destination.send(batch)
        except DeliveryFailed as error:
            logger.warning("entries of %s did not reach %s: %s", owner or "the instance", destination.name, error)
            cursor.failed_at, cursor.error = now(), str(error)[:500]
            cursor.save(update_fields=["failed_at", "error"])
            return False
        cursor.seq, cursor.moved_at, cursor.failed_at, cursor.error = entries[-1].seq, now(), None, ""
        cursor.save(update_fields=["seq", "moved_at", "failed_at", "error"])
        return len(entries) == at_once


def _ensure_cursor(owner: str, destination: str) -> None:
    try:
        with scope_of(owner):
            if not AuditCursor.objects.filter(destination=destination).exists():
                AuditCursor.objects.create(destination=destination)
    except IntegrityError:
        logger.debug("another shipper was quicker")
