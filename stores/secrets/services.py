"""Set, describe and delete secrets, wherever they are kept. A value goes in and is never shown again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from audit.recording.commands import Target, command
from audit.recording.trail import Action
from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import needed
from control_plane.kernel.crypto import fingerprint
from control_plane.kernel.name_locks import hold_name
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import Invalid, NotFound, Violation
from plugins.secrets.port import Described, Place, SecretsReadOnly
from stores.models import Secret
from stores.permissions import SECRET
from stores.secrets import built_in
from stores.secrets.choice import PEOPLE, Choice, choice, proposed
from stores.secrets.guarded import Guarded
from stores.secrets.in_use import guarded
from stores.secrets.queries import is_read_only
from stores.secrets.trial import tried_out
from tenants.namespaces.names import check_namespace
from tenants.permissions import NAMESPACE

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LONGEST_KEY = 255
_LONGEST_VALUE = 64 * 1024

Tags = Sequence[dict[str, str]]


def secret_to_put(ctx: Context, *, namespace: str, key: str) -> Target:
    """The secret, locked, or where it is about to be: UPDATE for one that exists, else CREATE.

    Two first writes of one key come one after the other, so that the second is an update.
    """
    chosen = _changeable(namespace)
    if not chosen.is_built_in:
        hold_name("secret", namespace, key.upper())
        found = guarded(chosen).find(Place(current_tenant(), namespace), key)
        return _to_put(found, namespace)
    secret = _locked(namespace, key)
    if secret is None:
        hold_name("secret", namespace, key.upper())
        secret = _locked(namespace, key)
    return _to_put(secret, namespace)


def _to_put(secret: Secret | Described | None, namespace: str) -> Target:
    if secret is None:
        return Target(None, namespace, exists=False, permission=SECRET.CREATE)
    return Target(secret, namespace, permission=SECRET.UPDATE, absent=needed(SECRET.CREATE, namespace))


def existing_secret(ctx: Context, *, namespace: str, key: str) -> Target:
    chosen = _changeable(namespace)
    if chosen.is_built_in:
        secret: Secret | Described | None = _locked(namespace, key)
    else:
        hold_name("secret", namespace, key.upper())
        secret = guarded(chosen).find(Place(current_tenant(), namespace), key)
    return Target(secret, namespace, absent=NotFound(f"Secret '{key}' was not found in namespace '{namespace}'"))


@command(SECRET.CREATE, on=secret_to_put)
def put_secret(
    ctx: Context, *, namespace: str, key: str, value: str, description: str | None = None, tags: Tags | None = None
) -> Secret | Described:
    """Set a value. The audit trail learns whether it changed, not what it is."""
    check_namespace(namespace)
    _check(key, value)
    found = ctx.target
    before = _shown(found)
    chosen = choice(namespace)
    secret: Secret | Described
    if chosen.is_built_in:
        secret = _put_row(found, namespace, key, value, description, tags)
    else:
        secret = _put_elsewhere(guarded(chosen), found, namespace, key, value, description, tags)
    after = {**(_shown(secret) or {}), "valueFingerprint": fingerprint(value)}
    _record(ctx, chosen, secret, namespace, before, after)
    return secret


@command(SECRET.UPDATE, on=existing_secret)
def describe_secret(
    ctx: Context, *, namespace: str, key: str, description: str | None = None, tags: Tags | None = None
) -> Secret | Described:
    """Change what is told about a secret; the value stays."""
    found = ctx.target
    before = _shown(found)
    chosen = choice(namespace)
    if isinstance(found, Secret):
        _describe(found, description, tags)
        found.save(update_fields=["description", "tags", "updated_at"])
        secret: Secret | Described = found
    else:
        value = guarded(chosen).value(Place(current_tenant(), namespace), key)
        secret = _put_elsewhere(guarded(chosen), found, namespace, key, value, description, tags)
    _record(ctx, chosen, secret, namespace, before, _shown(secret))
    return secret


@command(SECRET.DELETE, on=existing_secret)
def delete_secret(ctx: Context, *, namespace: str, key: str) -> None:
    """Forget it; jobs that ask for it from now on fail."""
    found = ctx.target
    assert isinstance(found, Secret | Described)
    chosen = choice(namespace)
    _record(ctx, chosen, found, namespace, _shown(found), None)
    if isinstance(found, Secret):
        found.delete()
    else:
        guarded(chosen).delete(Place(current_tenant(), namespace), key)


@command(NAMESPACE.UPDATE, on="{namespace}", action=Action.READ)
def try_backend(
    ctx: Context, *, namespace: str, kind: str | None, configuration: dict[str, Any], read_only: bool
) -> list[dict[str, Any]]:
    """Try a place that keeps secrets as if it were chosen, or the one in force when none is named.

    What is tried in a place that takes writes is set under a name of its own, and deleted again.
    """
    check_namespace(namespace)
    chosen = choice(namespace) if kind is None else proposed(namespace, kind, configuration, read_only)
    if chosen.is_built_in:
        raise Invalid("secretType: secrets of our own database need no connection")
    results = tried_out(chosen, namespace)
    told = {each["act"]: each["outcome"] for each in results}
    ctx.record("NAMESPACE", namespace, namespace=namespace, secretsTriedIn=chosen.name, outcomes=told)
    return results


def _changeable(namespace: str) -> Choice:
    """Where the secrets of a namespace are changed. Raises SecretsReadOnly, and Forbidden for what keeps people out."""
    chosen = choice(namespace)
    chosen.require(PEOPLE)
    if is_read_only(chosen):
        raise SecretsReadOnly(f"Secrets of '{namespace}' are only read here: they are changed in {chosen.name}")
    return chosen


def _put_row(found: object, namespace: str, key: str, value: str, description: str | None, tags: Tags | None) -> Secret:
    secret = found if isinstance(found, Secret) else Secret(namespace=namespace, key=key.upper())
    secret.name = key
    _describe(secret, description, tags)
    built_in.seal(secret, value)
    secret.save()
    return secret


def _put_elsewhere(
    asked: Guarded,
    found: object,
    namespace: str,
    key: str,
    value: str,
    description: str | None,
    tags: Tags | None,
) -> Described:
    """What is None stays as it is; the tags that the configuration gives to every secret are among them."""
    before = found if isinstance(found, Described) else Described(key)
    given = before.tags if tags is None else {tag["key"]: tag["value"] for tag in tags}
    described = Described(
        before.key,
        (before.description if description is None else description) if asked.backend.keeps_descriptions else "",
        {**asked.backend.settings.tags, **given} if asked.backend.keeps_tags else {},
    )
    asked.write(Place(current_tenant(), namespace), described, value)
    return described


def _record(
    ctx: Context,
    chosen: Choice,
    secret: Secret | Described,
    namespace: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
) -> None:
    identity = secret.id if isinstance(secret, Secret) else secret.key.upper()
    where = {} if chosen.is_built_in else {"keptIn": chosen.name}
    ctx.record("SECRET", identity, namespace=namespace, before=before, after=after, key=secret.key.upper(), **where)


def _locked(namespace: str, key: str) -> Secret | None:
    return Secret.objects.select_for_update().filter(namespace=namespace, key=key.upper()).first()


def _describe(secret: Secret, description: str | None, tags: Tags | None) -> None:
    """What is None stays as it is."""
    if description is not None:
        secret.description = description
    if tags is not None:
        secret.tags = [dict(tag) for tag in tags]


def _shown(secret: object) -> dict[str, Any] | None:
    if isinstance(secret, Secret):
        return {"key": secret.shown_key, "description": secret.description, "tags": secret.tags}
    if isinstance(secret, Described):
        tags = [{"key": name, "value": value} for name, value in sorted(secret.tags.items())]
        return {"key": secret.key, "description": secret.description, "tags": tags}
    return None


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
