"""Proving a password: lockout, constant time, and a short memory so that HTTP Basic hashes once a minute."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import replace

from audit.recording.trail import Action, append
from control_plane.kernel.actor import ANONYMOUS, Actor, Change, Context
from control_plane.kernel.config import config
from control_plane.kernel.scope import instance_scope
from iam.authentication.attempts import attempt_succeeded, begin_attempt
from iam.authentication.cache import actor_of
from iam.authentication.lockout import count_failure, is_locked, place_of
from iam.authentication.passwords import is_right
from iam.authorization.versions import Versions, newest_identities
from iam.models import User

# Of this process alone: what is remembered cannot be tried out elsewhere.
_pepper = secrets.token_bytes(32)
_CACHED = 10_000
_remembered: dict[bytes, tuple[float, int, Actor]] = {}


def by_password(email: str, password: str, versions: Versions, ip: str | None = None) -> Actor | None:
    """The user whose password this is. What was proved dies with any change of an identity, and after a minute."""
    known = remembered(email, password, versions)
    if known is not None:
        return known
    key = _key(email, password)
    _remembered.pop(key, None)
    user = check(email, password, ip)
    if user is None:
        tell_failure(email, ip)
        return None
    if len(_remembered) >= _CACHED:
        _remembered.clear()
    actor = replace(actor_of(user), signed_in_by="BASIC")
    _remembered[key] = (time.monotonic() + config().sessions.basic_memory.total_seconds(), versions.identities, actor)
    return actor


def remembered(email: str, password: str, versions: Versions) -> Actor | None:
    """Who proved this password lately, from memory alone."""
    held = _remembered.get(_key(email, password))
    return held[2] if held is not None and held[0] > time.monotonic() and held[1] == versions.identities else None


def last_owner(email: str, password: str) -> str | None:
    """Who proved this password within a minute, whatever has changed since. It opens nothing."""
    held = _remembered.get(_key(email, password))
    return held[2].id if held is not None and held[0] > time.monotonic() and held[1] >= newest_identities() else None


def _key(email: str, password: str) -> bytes:
    return hmac.digest(_pepper, f"{email}\x00{password}".encode(), hashlib.sha256)


def check(email: str, password: str, ip: str | None = None) -> User | None:
    """The user, or None for any reason: every way costs one hash and three queries.

    TooManyRequests, at no cost, where wrong passwords came from the address too often.
    """
    name = normal(email)
    begin_attempt(name, ip)
    locked = is_locked(name, place_of(name, ip))
    user = User.objects.filter(email=name, home="").first()
    right = is_right(password, user.password if user else "")
    if user is None or not right or locked or user.is_disabled or not _may_use_password(user):
        return None
    attempt_succeeded(name, ip)
    return user


def _may_use_password(user: User) -> bool:
    """Where an identity provider says who everybody is, a superadmin's password is left for the day it does not."""
    return user.is_superadmin or config().sign_in.passwords == "everybody"


def normal(email: str) -> str:
    return email.strip().lower()[:255]


def tell_failure(email: str, ip: str | None = None, request_id: str = "") -> None:
    """Count a wrong password and tell the audit trail, in a scope of its own: call it outside of any."""
    name = normal(email)
    ctx = Context(ANONYMOUS, ip=ip, request_id=request_id)
    with instance_scope():
        place = place_of(name, ip)
        was_locked = is_locked(name, place)
        locked = count_failure(name, place)
        action = Action.ACCOUNT_LOCKED if locked and not was_locked else Action.LOGIN_FAILURE
        append(ctx, [Change("USER", name, None, None, None)], action=action, by="iam.authentication.sign_in")
