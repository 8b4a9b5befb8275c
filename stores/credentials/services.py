"""Create, change, delete and try credentials."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from audit.recording.commands import Target, command
from audit.recording.trail import Action
from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import require
from control_plane.kernel.config import config
from control_plane.kernel.name_locks import hold_name
from control_plane.kernel.words.errors import Conflict, ControlPlaneError, Invalid, Violation
from stores.credentials.minting import check_reach
from stores.credentials.places import Place
from stores.credentials.queries import no_credential
from stores.credentials.settings import Settings, read_settings, references, to_keep
from stores.models import Credential
from stores.permissions import CREDENTIAL, SECRET
from tenants.namespaces.names import check_namespace

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,254}")
_LONGEST_DESCRIPTION = 5000
_OUR_ADDRESS = "inherited"
"""Stands in addresses where a name would."""


@dataclass(frozen=True)
class Wish:
    """A credential as somebody wants it. What is None stays as it is."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    """As the API has them, the type among them."""
    description: str | None = None


class NameTaken(Conflict):
    """There is a credential of this name already."""

    code = "name_taken"


def existing_credential(ctx: Context, *, place: Place) -> Target:
    found = Credential.objects.select_for_update().filter(**place.condition).first()
    return Target(found, found.namespace or None if found else None, absent=no_credential(place))


def where_it_will_be(ctx: Context, *, namespace: str) -> Target:
    return Target(None, namespace or None, exists=False)


@command(CREDENTIAL.CREATE, on=where_it_will_be)
def create_credential(ctx: Context, *, namespace: str, name: str, wish: Wish) -> Credential:
    """One of a namespace, or of the whole tenant where `namespace` is empty."""
    if namespace:
        check_namespace(namespace)
    if not _NAME.fullmatch(name) or name == _OUR_ADDRESS:
        raise _wrong(
            "name", "must start with a letter or digit and hold letters, digits, `.`, `_` and `-`; not `inherited`"
        )
    hold_name("credential", namespace, name)
    if Credential.objects.filter(namespace=namespace, name=name).exists():
        raise NameTaken(f"there is a credential `{name}` {'in ' + namespace if namespace else 'of the tenant'} already")
    settings = _checked(ctx, namespace, wish.settings)
    credential = Credential(namespace=namespace, name=name, type=settings.type, settings=to_keep(settings))
    _describe(credential, wish.description)
    credential.save(force_insert=True)
    ctx.record("CREDENTIAL", credential.id, namespace=namespace or None, after=_told(credential))
    return credential


@command(CREDENTIAL.UPDATE, on=existing_credential)
def update_credential(ctx: Context, *, place: Place, wish: Wish) -> Credential:
    """Whoever changes where a secret is sent must know of that secret. Tokens had before are not used again."""
    credential = ctx.target_as(Credential)
    before = _told(credential)
    given = str(wish.settings.get("type", "")).upper().replace("-", "_")
    if given and given != credential.type:
        raise _wrong("type", f"is `{credential.type}` and stays so: make another credential of the type you need")
    changed = {name: value for name, value in wish.settings.items() if name != "type"}
    if changed:
        settings = _checked(ctx, credential.namespace, {**credential.settings, **changed, "type": credential.type})
        if to_keep(settings) != credential.settings:
            credential.settings, credential.version = to_keep(settings), credential.version + 1
    _describe(credential, wish.description)
    credential.save()
    ctx.record(
        "CREDENTIAL", credential.id, namespace=credential.namespace or None, before=before, after=_told(credential)
    )
    return credential


@command(CREDENTIAL.DELETE, on=existing_credential)
def delete_credential(ctx: Context, *, place: Place) -> None:
    """Forget it with its token; jobs that ask for it from now on fail. The token itself ends when it ends."""
    credential = ctx.target_as(Credential)
    before, identity = _told(credential), credential.id
    Credential.objects.filter(id=identity).delete()
    ctx.record("CREDENTIAL", identity, namespace=credential.namespace or None, before=before)


@command(CREDENTIAL.USE, on=existing_credential, action=Action.READ)
def tell_test(ctx: Context, *, place: Place, success: bool, message: str) -> None:
    """Somebody has had a token asked for, and saw whether one came."""
    credential = ctx.target_as(Credential)
    ctx.record(
        "CREDENTIAL",
        credential.id,
        namespace=credential.namespace or None,
        name=credential.name,
        tested=success,
        message=message[:300],
    )


def _checked(ctx: Context, namespace: str, sent: Mapping[str, Any]) -> Settings:
    settings = read_settings(sent, is_http_allowed=config().egress.allow_private)
    for name, reference in references(settings):
        place = reference.namespace or namespace
        if not place:
            raise _wrong(f"{name}.namespace", "is needed: a credential of the whole tenant stands in no namespace")
        check_namespace(place)
        try:
            require(ctx, SECRET.LIST, place)
            check_reach(namespace, place)
        except ControlPlaneError:
            raise _wrong(name, f"you, or flows of `{namespace}`, may not know the secrets of `{place}`") from None
    return settings


def _describe(credential: Credential, description: str | None) -> None:
    if description is None:
        return
    if len(description) > _LONGEST_DESCRIPTION:
        raise _wrong("description", f"must be at most {_LONGEST_DESCRIPTION} characters long")
    credential.description = description


def _told(credential: Credential) -> dict[str, Any]:
    """What the audit trail learns: which secrets are named, and none of what is in them."""
    return {"name": credential.name, "description": credential.description, **credential.settings}


def _wrong(name: str, message: str) -> Invalid:
    return Invalid(f"{name}: {message}", violations=[Violation(message, name)])
