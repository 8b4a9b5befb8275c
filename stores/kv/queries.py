"""Reads of the key-value store."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Gone, NotFound
from stores.models import KvEntry
from tenants.namespaces.inheritance import lineage


def living_entries() -> QuerySet[KvEntry]:
    """Pairs that have not expired, by the database's clock."""
    return KvEntry.objects.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=Now()))


def get_entry(namespace: str, key: str) -> KvEntry:
    """Raises NotFound, or Gone for one that has expired."""
    entry = KvEntry.objects.filter(namespace=namespace, key=key).first()
    if entry is None:
        raise NotFound(f"No value found for key '{key}' in namespace '{namespace}'")
    if entry.expires_at is not None and entry.expires_at <= now():
        raise Gone("The requested value has expired")
    return entry


def find_inherited(namespace: str, key: str) -> KvEntry | None:
    """The pair of the namespace itself, else of its nearest parent that has one."""
    line = lineage(namespace)
    rows = {row.namespace: row for row in living_entries().filter(namespace__in=line, key=key)}
    return next((rows[name] for name in line if name in rows), None)
