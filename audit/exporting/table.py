"""Entries as rows of a table that streams: chunk after chunk from where the last one ended, whatever their number."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from django.db.models import Q, QuerySet

from audit.models import AuditEntry
from audit.recording.owners import scope_of
from control_plane.kernel.api.csv import Row
from control_plane.kernel.scope import across_tenants
from control_plane.kernel.words.clock import iso

COLUMNS = ("date", "tenantId", "type", "resource", "id", "namespace", "userId", "username", "ipAddress", "refused")
CHUNK = 1000
EVERY_TENANT = "a superadmin reads the trail of all tenants"
Next = Callable[[AuditEntry], Q]


def rows_of(owner: str, condition: Q) -> Iterator[Row]:
    """In the order of the chain."""
    return _rows(lambda: scope_of(owner), condition, ("seq",), lambda last: Q(seq__gt=last.seq))


def rows_of_all(condition: Q) -> Iterator[Row]:
    """Of all tenants, by time."""

    def after(last: AuditEntry) -> Q:
        return Q(at__gt=last.at) | Q(at=last.at, id__gt=last.id)

    return _rows(lambda: across_tenants(EVERY_TENANT), condition, ("at", "id"), after)


def _rows(
    scope: Callable[[], AbstractContextManager[None]], condition: Q, order: tuple[str, ...], after: Next
) -> Iterator[Row]:
    place = Q()
    while True:
        with scope():
            entries = list(_chunk(condition & place, order))
        yield from map(_row, entries)
        if len(entries) < CHUNK:
            return
        place = after(entries[-1])


def _chunk(condition: Q, order: tuple[str, ...]) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(condition).defer("body", "previous", "hash").order_by(*order)[:CHUNK]


def _row(entry: AuditEntry) -> Row:
    what = (iso(entry.at), entry.tenant_id, entry.action, entry.resource, entry.object_id, entry.namespace or "")
    return (*what, entry.actor_id, entry.actor_name, entry.ip or "", entry.is_refused)
