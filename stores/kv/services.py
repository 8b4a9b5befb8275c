"""Set and delete key-value pairs, as people do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import needed
from control_plane.kernel.crypto import fingerprint
from stores.kv.transitions import delete, is_alive, purge, put, to_write
from stores.kv.values import TypedValue
from stores.models import KvEntry
from stores.permissions import KVSTORE


def pair_to_put(ctx: Context, *, namespace: str, key: str) -> Target:
    """UPDATE for a pair that is there, else CREATE."""
    entry = to_write(namespace, key)
    if entry is None or not is_alive(entry):
        return Target(None, namespace, exists=False, permission=KVSTORE.CREATE)
    return Target(entry, namespace, permission=KVSTORE.UPDATE, absent=needed(KVSTORE.CREATE, namespace))


@command(KVSTORE.CREATE, on=pair_to_put)
def put_pair(
    ctx: Context,
    *,
    namespace: str,
    key: str,
    value: TypedValue,
    ttl: timedelta | None = None,
    description: str | None = None,
    overwrite: bool = True,
) -> KvEntry:
    """Set a value, replacing what was there. Conflict when it is there and may not be overwritten."""
    before = _shown(ctx.target) if isinstance(ctx.target, KvEntry) else None
    entry = put(namespace, key, value, ttl=ttl, description=description, overwrite=overwrite)
    ctx.record("KVSTORE", entry.id, namespace=namespace, before=before, after=_shown(entry))
    return entry


@command(KVSTORE.DELETE, on="{namespace}")
def delete_pairs(ctx: Context, *, namespace: str, keys: list[str]) -> list[str]:
    """Remove pairs; return the keys that were there and had not expired."""
    gone = [entry for key in sorted(set(keys)) if (entry := delete(namespace, key)) is not None]
    for entry in gone:
        ctx.record("KVSTORE", entry.id, namespace=namespace, before=_shown(entry))
    return [entry.key for entry in gone if is_alive(entry)]


@command(KVSTORE.DELETE, on="{namespace}")
def purge_pairs(
    ctx: Context,
    *,
    namespace: str,
    key_pattern: str | None,
    expired_only: bool,
    includes_children: bool,
    namespace_pattern: str | None = None,
) -> int:
    """Remove the pairs whose key matches the glob; return how many. One entry tells of all of them."""
    count = purge(
        namespace,
        key_pattern,
        expired_only=expired_only,
        includes_children=includes_children,
        namespace_pattern=namespace_pattern,
    )
    if count:
        asked: dict[str, Any] = {
            "namespacePattern": namespace_pattern,
            "keyPattern": key_pattern,
            "expiredOnly": expired_only,
            "includesChildren": includes_children,
        }
        ctx.record("KVSTORE", "", namespace=namespace, pairsDeleted=count, **asked)
    return count


def _shown(entry: KvEntry) -> dict[str, Any]:
    """What the audit trail may know: values can be sensitive, so their equality must do."""
    return {
        "key": entry.key,
        "type": entry.type,
        "valueFingerprint": fingerprint(repr(entry.value)),
        "description": entry.description,
        "revision": entry.revision,
    }
