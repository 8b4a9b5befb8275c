"""The only writer of key-value pairs."""

from __future__ import annotations

from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from django.db.models import JSONField, Q, QuerySet, Value
from django.db.models.functions import Now

from control_plane.kernel.name_locks import hold_name
from control_plane.kernel.places import within
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Conflict
from stores.kv.values import TypedValue, check_key
from stores.models import KvEntry
from tenants.namespaces.names import check_namespace
from tenants.namespaces.reach import Reach


def locked(namespace: str, key: str) -> KvEntry | None:
    """The pair, expired or not, held until the end of the transaction."""
    return KvEntry.objects.select_for_update().filter(namespace=namespace, key=key).first()


def to_write(namespace: str, key: str) -> KvEntry | None:
    """The same before it is written: two first writes of one key come one after the other."""
    entry = locked(namespace, key)
    if entry is None:
        hold_name("kv", namespace, key)
        entry = locked(namespace, key)
    return entry


def is_alive(entry: KvEntry | None) -> bool:
    return entry is not None and (entry.expires_at is None or entry.expires_at > now())


def put(
    namespace: str,
    key: str,
    value: TypedValue,
    *,
    ttl: timedelta | None = None,
    description: str | None = None,
    overwrite: bool = True,
) -> KvEntry:
    """Write the next revision of a pair. Conflict when it is there and may not be overwritten."""
    check_namespace(namespace)
    check_key(key)
    entry = to_write(namespace, key)
    if entry is not None and is_alive(entry) and not overwrite:
        raise Conflict(f"Cannot set value for key '{key}'. Key already exists and `overwrite` is set to `false`.")
    if entry is None:
        entry = KvEntry(namespace=namespace, key=key, revision=0)
    # A JSON null is a value; None alone would be the database's own NULL.
    entry.type, entry.value = value.type, Value(None, JSONField()) if value.value is None else value.value
    entry.revision += 1
    entry.expires_at = now() + ttl if ttl is not None else None
    if description is not None:
        entry.description = description
    entry.save()
    return entry


def delete(namespace: str, key: str) -> KvEntry | None:
    """Remove a pair, expired or not; return what was there."""
    entry = locked(namespace, key)
    if entry is not None:
        KvEntry.objects.filter(pk=entry.pk).delete()
    return entry


def purge(
    namespace: str,
    key_pattern: str | None,
    *,
    expired_only: bool,
    includes_children: bool,
    namespace_pattern: str | None = None,
) -> int:
    """Remove the pairs whose key, and namespace, match the globs, of those below too if wanted; return how many."""
    where = within("namespace", namespace) if includes_children else Q(namespace=namespace)
    found = KvEntry.objects.filter(where)
    if expired_only:
        found = found.filter(expires_at__lte=Now())
    doomed = [
        pk
        for pk, owner, key in found.values_list("pk", "namespace", "key")
        if (key_pattern is None or fnmatchcase(key, key_pattern))
        and (namespace_pattern is None or fnmatchcase(owner, namespace_pattern))
    ]
    return KvEntry.objects.filter(pk__in=doomed).delete()[0]


def expired(reach: Reach, before: datetime, *, expired_only: bool) -> QuerySet[KvEntry]:
    """Pairs whose time ran out before a date, or all that were written last before it."""
    age = Q(expires_at__lt=before) if expired_only else Q(updated_at__lt=before)
    return KvEntry.objects.filter(reach.q(), age)


def expire(reach: Reach, before: datetime, *, expired_only: bool, most: int) -> int:
    """Remove at most so many of them; return how many. Fewer than that means that none are left."""
    rows = expired(reach, before, expired_only=expired_only)
    doomed = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True)[:most])
    return KvEntry.objects.filter(pk__in=doomed).delete()[0]
