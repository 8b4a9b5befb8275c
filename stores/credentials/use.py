"""A credential as a running job uses it: a token at once, or one that is asked for, or when to ask again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from audit.recording.reads import note_read
from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import require
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import TooManyRequests
from stores.credentials import cache
from stores.credentials.minting import mint, one_at_a_time, recipe_in
from stores.credentials.queries import find_inherited
from stores.credentials.refusals import MintFailed
from stores.credentials.settings import known_settings
from stores.models import Credential
from stores.permissions import CREDENTIAL

Answer = dict[str, Any]
"""`{"token": ...}`, or `{"wait": seconds, "why": text}`."""


def token_for(ctx: Context, namespace: str, name: str) -> Answer | Callable[[], Answer]:
    """In the job's scope. What is to be called is to be called outside of it, for it asks a server far away."""
    require(ctx, CREDENTIAL.USE, namespace)
    credential = find_inherited(namespace, name)
    if not known_settings(credential.settings).token_caching.enabled:
        _note(ctx, credential)
        return lambda: _asked(credential, None)
    known = cache.look(credential)
    if known.token is not None:
        _note(ctx, credential)
        return {"token": known.token}
    if known.is_final:
        raise _without_token(credential, known.failure)
    if known.wait is not None:
        return _later(known.wait, known.failure)
    minter = cache.take(credential)
    if minter is None:
        return _later(cache.WAIT_SECONDS)
    _note(ctx, credential)
    return lambda: _asked(credential, minter)


def _note(ctx: Context, credential: Credential) -> None:
    note_read(ctx, CREDENTIAL.name, credential.name, credential.namespace)


def _later(seconds: float, why: str = "") -> Answer:
    return {"wait": seconds, "why": why}


def _asked(credential: Credential, minter: str | None) -> Answer:
    """Ask the token endpoint, and keep what came under the lease, where there is one."""
    tenant = credential.tenant_id
    try:
        with one_at_a_time(tenant):
            token = mint(recipe_in(tenant, credential.id))
    except TooManyRequests as error:
        _told(tenant, minter, lambda name: cache.let_go(credential, name))
        return _later(cache.WAIT_SECONDS * 2, error.message)
    except MintFailed as error:
        failed = error
        _told(tenant, minter, lambda name: cache.fail(credential, name, failed))
        if error.is_final:
            raise _without_token(credential, error.message) from None
        return _later(cache.WAIT_SECONDS * 4, error.message)
    _told(tenant, minter, lambda name: cache.keep(credential, name, token))
    return {"token": token.value}


def _without_token(credential: Credential, why: str) -> MintFailed:
    return MintFailed("token", f"The credential `{credential.name}` gives no token: {why}")


def _told(tenant: str, minter: str | None, tell: Callable[[str], None]) -> None:
    if minter is not None:
        with tenant_scope(tenant):
            tell(minter)
