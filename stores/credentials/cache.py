"""The token of each credential, used until shortly before its end, and asked for by one process at a time.

A row holds it, encrypted, in a table that neither the write-ahead log nor a replica has. Whoever finds no token that
will do takes the row's lease, asks outside of the transaction, and writes what came; all others wait, or use the old
token while it lasts. A failure is kept for a moment too, so that a thousand jobs do not ask a server that says no.
All times are the database's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from control_plane.kernel.crypto import CannotDecrypt, decrypt, encrypt
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.ids import new_id
from stores.credentials.exchange import Token
from stores.credentials.refusals import MintFailed
from stores.credentials.settings import known_settings
from stores.models import Credential, token_place

LEASE_SECONDS = 40.0
"""Longer than the longest a token endpoint may take: a process that died holds nobody up for more."""
UNSAID_SECONDS = 60.0
"""How long a token counts that does not say how long it lasts."""
FINAL_PAUSE = 5.0
_PAUSES = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
_LONGEST_PAUSE = 60.0
WAIT_SECONDS = 0.25
_LONGEST_WAIT = 2.0

_LOOK = """
SELECT sealed, refresh_at > clock_timestamp(), expires_at > clock_timestamp(), minting_until > clock_timestamp(),
    EXTRACT(EPOCH FROM failed_until - clock_timestamp())::float8, failure, is_final
FROM credential_token WHERE credential_id = %s AND version = %s
"""
# Another version of the credential is another one: what was kept of it counts for nothing.
_TAKE = """
INSERT INTO credential_token AS t (id, tenant_id, credential_id, version, sealed, minter, minting_until, failure,
    failures, is_final)
VALUES (%s, %s, %s, %s, '', %s, clock_timestamp() + make_interval(secs => %s), '', 0, false)
ON CONFLICT (tenant_id, credential_id) DO UPDATE SET
    minter = excluded.minter, minting_until = excluded.minting_until, version = excluded.version,
    sealed = CASE WHEN t.version = excluded.version THEN t.sealed ELSE '' END,
    failures = CASE WHEN t.version = excluded.version THEN t.failures ELSE 0 END,
    failed_until = CASE WHEN t.version = excluded.version THEN t.failed_until END
WHERE t.minting_until IS NULL OR t.minting_until <= clock_timestamp() OR t.version < excluded.version
RETURNING minter
"""
_KEEP = """
UPDATE credential_token SET sealed = %s, minter = '', minting_until = NULL, failed_until = NULL, failure = '',
    failures = 0, is_final = false, expires_at = statement_timestamp() + make_interval(secs => %s),
    refresh_at = statement_timestamp() + make_interval(secs => %s)
WHERE credential_id = %s AND minter = %s
"""
_FAIL = """
UPDATE credential_token SET minter = '', minting_until = NULL, failure = %s, failures = failures + 1, is_final = %s,
    failed_until = clock_timestamp() + make_interval(
        secs => COALESCE(%s::float8, (%s::float8[])[LEAST(failures + 1, %s)]))
WHERE credential_id = %s AND minter = %s
"""
_LET_GO = "UPDATE credential_token SET minter = '', minting_until = NULL WHERE credential_id = %s AND minter = %s"


@dataclass(frozen=True, slots=True)
class Known:
    """A token that will do; or why there is none, and in how many seconds to ask again; or neither: then take it."""

    token: str | None = field(default=None, repr=False)
    wait: float | None = None
    failure: str = ""
    is_final: bool = False
    """Asking again brings the same refusal, for the moment."""


def look(credential: Credential) -> Known:
    """What the row says."""
    rows = _run(_LOOK, [credential.id, credential.version])
    if not rows:
        return Known()
    sealed, is_fresh, is_alive, is_minted, pause, failure, is_final = rows[0]
    token = _opened(credential, sealed) if sealed and is_alive else None
    is_paused = pause is not None and pause > 0
    if token is not None and (is_fresh or is_minted or is_paused):
        return Known(token)
    if is_minted:
        return Known(wait=WAIT_SECONDS, failure=failure)
    if not is_paused:
        return Known()
    return Known(wait=min(max(pause, WAIT_SECONDS), _LONGEST_WAIT), failure=failure, is_final=is_final)


def take(credential: Credential) -> str | None:
    """The lease, by the name under which it is given back; None where somebody else holds it."""
    values = [new_id(), current_tenant(), credential.id, credential.version, new_id(), LEASE_SECONDS]
    rows = _run(_TAKE, values)
    return rows[0][0] if rows else None


def keep(credential: Credential, minter: str, token: Token) -> None:
    """Write the token that came. Where the lease went to somebody else meanwhile, theirs is kept."""
    lasts = UNSAID_SECONDS if token.seconds is None else token.seconds
    margin = min(_margin(credential), lasts / 2)
    sealed = encrypt(token.value.encode(), belongs_to=_place(credential))
    _run(_KEEP, [sealed, lasts, lasts - margin, credential.id, minter])


def fail(credential: Credential, minter: str, error: MintFailed) -> None:
    """Write why none came, and leave the server alone for a while: longer each time, or as long as it has asked for."""
    pause: float | None = FINAL_PAUSE if error.is_final else None
    if error.retry_after is not None:
        pause = min(max(error.retry_after, 1.0), _LONGEST_PAUSE)
    values = [error.message[:1000], error.is_final, pause, list(_PAUSES), len(_PAUSES), credential.id, minter]
    _run(_FAIL, values)


def let_go(credential: Credential, minter: str) -> None:
    """Nothing was asked: anybody may."""
    _run(_LET_GO, [credential.id, minter])


def _margin(credential: Credential) -> float:
    return known_settings(credential.settings).token_caching.margin.total_seconds()


def _opened(credential: Credential, sealed: str) -> str | None:
    """A token under a key that is gone is none."""
    try:
        return decrypt(sealed, belongs_to=_place(credential)).decode()
    except CannotDecrypt:
        return None


def _place(credential: Credential) -> tuple[str, ...]:
    return token_place(credential.tenant_id, credential.id, credential.version)


def _run(statement: str, values: list[object]) -> list[tuple[Any, ...]]:
    pipeline = Pipeline()
    place = pipeline.add(statement, values)
    return pipeline.run()[place]
