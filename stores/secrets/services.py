"""Set, describe and delete secrets. A value goes in and is never shown again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.crypto import encrypt, fingerprint
from control_plane.kernel.name_locks import hold_name
from control_plane.kernel.words.errors import Invalid, NotFound, Violation
from stores.models import Secret
from stores.permissions import SECRET
from tenants.namespaces.names import check_namespace

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LONGEST_KEY = 255
_LONGEST_VALUE = 64 * 1024

Tags = Sequence[dict[str, str]]


def secret_to_put(ctx: Context, *, namespace: str, key: str) -> Target:
    """The secret, locked, or where it is about to be: UPDATE for one that exists, else CREATE.

    Two first writes of one key come one after the other, so that the second is an update.
    """
    secret = _locked(namespace, key)
    if secret is None:
        hold_name("secret", namespace, key.upper())
        secret = _locked(namespace, key)
    if secret is None:
        return Target(None, namespace, exists=False, permission=SECRET.CREATE)
    return Target(secret, namespace, permission=SECRET.UPDATE)


def existing_secret(ctx: Context, *, namespace: str, key: str) -> Secret:
    secret = _locked(namespace, key)
    if secret is None:
        raise NotFound(f"Secret '{key}' was not found in namespace '{namespace}'")
    return secret


@command(SECRET.CREATE, on=secret_to_put)
def put_secret(
    ctx: Context, *, namespace: str, key: str, value: str, description: str | None = None, tags: Tags | None = None
) -> Secret:
    """Set a value. The audit trail learns whether it changed, not what it is."""
    check_namespace(namespace)
    _check(key, value)
    found = ctx.target
    secret = found if isinstance(found, Secret) else Secret(namespace=namespace, key=key.upper())
    before = _shown(secret) if isinstance(found, Secret) else None
    secret.name = key
    _describe(secret, description, tags)
    secret._stamp()
    secret.sealed = encrypt(value.encode(), belongs_to=secret.belongs_to)
    secret.save()
    after = {**_shown(secret), "valueFingerprint": fingerprint(value)}
    ctx.record("SECRET", secret.id, namespace=namespace, before=before, after=after, key=key.upper())
    return secret


@command(SECRET.UPDATE, on=existing_secret)
def describe_secret(
    ctx: Context, *, namespace: str, key: str, description: str | None = None, tags: Tags | None = None
) -> Secret:
    """Change what is told about a secret; the value stays."""
    assert isinstance(ctx.target, Secret)
    before = _shown(ctx.target)
    _describe(ctx.target, description, tags)
    ctx.target.save(update_fields=["description", "tags", "updated_at"])
    ctx.record("SECRET", ctx.target.id, namespace=namespace, before=before, after=_shown(ctx.target), key=key.upper())
    return ctx.target


@command(SECRET.DELETE, on=existing_secret)
def delete_secret(ctx: Context, *, namespace: str, key: str) -> None:
    """Forget it; jobs that ask for it from now on fail."""
    assert isinstance(ctx.target, Secret)
    identity = ctx.target.id
    before = _shown(ctx.target)
    ctx.target.delete()
    ctx.record("SECRET", identity, namespace=namespace, before=before, key=key.upper())


def _locked(namespace: str, key: str) -> Secret | None:
    return Secret.objects.select_for_update().filter(namespace=namespace, key=key.upper()).first()


def _describe(secret: Secret, description: str | None, tags: Tags | None) -> None:
    """What is None stays as it is."""
    if description is not None:
        secret.description = description
    if tags is not None:
        secret.tags = [dict(tag) for tag in tags]


def _shown(secret: Secret) -> dict[str, Any]:
    return {"key": secret.shown_key, "description": secret.description, "tags": secret.tags}


def _check(key: str, value: str) -> None:
    problems = []
    if not _KEY.fullmatch(key) or len(key) > _LONGEST_KEY:
        problems.append(
            Violation("must start with a letter or digit and hold letters, digits, `.`, `_` and `-`", "key")
        )
    if not value:
        problems.append(Violation("must not be empty", "value"))
    if len(value.encode()) > _LONGEST_VALUE:
        problems.append(Violation(f"must be at most {_LONGEST_VALUE} bytes long", "value"))
    if problems:
        raise Invalid(f"{problems[0].path}: {problems[0].message}", violations=problems)
