"""Writes entries at the end of a tenant's chain, inside the transaction that is open."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from audit.recording.chain import GENESIS, canonical, digest
from control_plane.kernel.actor import Change, Context
from control_plane.kernel.scope import current_owner, write_last
from control_plane.kernel.words.clock import iso, now
from control_plane.kernel.words.ids import new_id


class Action(enum.StrEnum):
    READ = "READ"
    CREATE = "CREATE"
    UPDATE = "UPDATE"
    DELETE = "DELETE"
    LOGIN = "LOGIN"
    LOGOUT = "LOGOUT"
    IMPERSONATE = "IMPERSONATE"
    LOGIN_FAILURE = "LOGIN_FAILURE"
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    UNKNOWN = "UNKNOWN"


_COLUMNS = (
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "action",
    "resource",
    "object_id",
    "namespace",
    "is_refused",
    "request_id",
    "ip",
    "body",
)
# One statement takes the head's lock, moves it and appends; the link is computed as `audit.recording.chain.link` does.
# Where something keeps the entry from being written without an error, it divides by zero: no entry, no change.
_APPEND = f"""
WITH head AS (
    INSERT INTO audit_head AS h (tenant_id, seq, previous, hash)
    VALUES (%s, 1, '{GENESIS}', encode(sha256(convert_to('{GENESIS}:1:' || %s, 'UTF8')), 'hex'))
    ON CONFLICT (tenant_id) DO UPDATE SET
        seq = h.seq + 1,
        previous = h.hash,
        hash = encode(sha256(convert_to(h.hash || ':' || (h.seq + 1)::text || ':' || %s, 'UTF8')), 'hex')
    RETURNING tenant_id, seq, previous, hash
), kept AS (
    INSERT INTO audit_entry ({", ".join(_COLUMNS)}, tenant_id, seq, previous, hash)
    SELECT %s, %s::timestamptz, %s, %s, %s, %s, %s, %s, %s, %s::boolean, %s, %s::inet, %s,
        tenant_id, seq, previous, hash
    FROM head RETURNING seq
)
SELECT 1 / count(*) FROM kept
"""


def append(
    ctx: Context, changes: Iterable[Change], *, action: Action | None, by: str, is_refused: bool = False
) -> None:
    """Write one entry per change, when the scope commits: from there on the chain of the tenant is locked.

    `by` names the command. Without an action it is told by what was there before and after.
    """
    told = list(changes)
    because = dict(ctx.because()) if told and ctx.because is not None else {}
    for change in told:
        explained = replace(change, detail={**change.detail, **because}) if because else change
        write_last(_APPEND, _row(ctx, explained, action or _action(change), by, is_refused))
    ctx.entries += len(told)


def _action(change: Change) -> Action:
    if change.before is None and change.after is None:
        return Action.UNKNOWN
    if change.before is None:
        return Action.CREATE
    return Action.DELETE if change.after is None else Action.UPDATE


def _row(ctx: Context, change: Change, action: Action, by: str, is_refused: bool) -> list[Any]:
    at, tenant_id = iso(now()), current_owner()
    row: dict[str, Any] = {
        "id": new_id(),
        "tenant_id": tenant_id,
        "actor_kind": ctx.actor.kind.value,
        "actor_id": ctx.actor.id,
        "actor_name": ctx.actor.name,
        "action": action.value,
        "resource": change.resource,
        "object_id": change.object_id[:300],
        "namespace": change.namespace,
        "is_refused": is_refused,
        "request_id": ctx.request_id,
        "ip": ctx.ip,
    }
    told = {"at": at, "command": by, "before": change.before, "after": change.after, "detail": change.detail}
    if ctx.actor.signed_in_by:
        told["credential"] = {"kind": ctx.actor.signed_in_by, "id": ctx.actor.credential}
    if ctx.actor.impersonator is not None:
        told["impersonator"] = dict(zip(("id", "name"), ctx.actor.impersonator, strict=True))
    body = canonical({**row, **told})
    link = digest(body)
    # As texts, which need no driver.
    columns = {**row, "at": at, "is_refused": str(is_refused).lower(), "body": body}
    return [tenant_id, link, link, *(columns[name] for name in _COLUMNS)]
