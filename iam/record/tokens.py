"""Tokens of users and service accounts: made, rotated and ended."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from control_plane.kernel.actor import Context
from control_plane.kernel.config import config
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Invalid, NotFound, Violation
from iam.authentication.tokens import SERVICE_ACCOUNT, SHOWN, USER, digest, new_token
from iam.authorization import versions
from iam.models import ApiToken, ServiceAccount, User
from iam.shapes import token_shape

LONGEST_NAME = 63
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_MOST_NETWORKS = 50


@dataclass(frozen=True)
class NewToken:
    """What is asked for: without an age it lives as long as the configuration says."""

    name: str
    description: str = ""
    max_age: timedelta | None = None
    is_extended: bool = False
    networks: tuple[str, ...] = ()


def make_token(ctx: Context, owner: User | ServiceAccount, wanted: NewToken) -> tuple[ApiToken, str]:
    """Make a token; its full text is returned once and kept nowhere."""
    check_dns_name(wanted.name)
    _check_age("maxAge", wanted.max_age)
    lifetime = wanted.max_age or config().sessions.token_lifetime
    text = new_token(USER if isinstance(owner, User) else SERVICE_ACCOUNT)
    token = ApiToken.objects.create(
        digest=digest(text),
        prefix=text[:SHOWN],
        name=wanted.name,
        description=wanted.description,
        expires_at=now() + lifetime,
        lifetime_seconds=int(lifetime.total_seconds()),
        is_extended=wanted.is_extended,
        networks=checked_networks(wanted.networks),
        **columns_of(owner),
        **_bounds(ctx, owner),
    )
    ctx.record(resource_of(owner), owner.id, after=token_shape(token), token=token.id)
    return token, text


def rotate_token(ctx: Context, owner: User | ServiceAccount, token_id: str, overlap: timedelta) -> tuple[ApiToken, str]:
    """Make another token like this one, which ends when the overlap does."""
    if not timedelta(0) <= overlap <= config().sessions.longest_overlap:
        raise _wrong("overlap", f"must be between nothing and {config().sessions.longest_overlap}")
    old = token_of(ctx, owner, token_id)
    before, end = token_shape(old), now() + overlap
    lifetime = timedelta(seconds=old.lifetime_seconds) if old.lifetime_seconds else None
    wanted = NewToken(old.name, old.description, lifetime, old.is_extended, tuple(old.networks))
    made = make_token(ctx, owner, wanted)
    old.expires_at = end if old.expires_at is None else min(end, old.expires_at)
    old.is_extended = False
    old.save(update_fields=["expires_at", "is_extended"])
    versions.move_identities()
    ctx.record(resource_of(owner), owner.id, before=before, after=token_shape(old), token=old.id)
    return made


def end_token(ctx: Context, owner: User | ServiceAccount, token_id: str) -> None:
    """It opens nothing from the next request on."""
    token = token_of(ctx, owner, token_id)
    before = token_shape(token)
    token.delete()
    versions.move_identities()
    ctx.record(resource_of(owner), owner.id, before=before, token=token_id)


def token_of(ctx: Context, owner: User | ServiceAccount, token_id: str) -> ApiToken:
    """Whoever shows a credential that is bound to a tenant finds those that are bound to it alone."""
    token = ApiToken.objects.filter(id=token_id, **columns_of(owner), **_bounds(ctx, owner)).first()
    if token is None:
        raise NotFound()
    return token


def _bounds(ctx: Context, owner: User | ServiceAccount) -> dict[str, Any]:
    return {"tenant_id": ctx.actor.home} if isinstance(owner, User) and ctx.actor.home else {}


def columns_of(owner: User | ServiceAccount) -> dict[str, Any]:
    if isinstance(owner, User):
        return {"user_id": owner.id}
    return {"service_account_id": owner.id, "tenant_id": owner.tenant_id}


def resource_of(owner: User | ServiceAccount) -> str:
    return "USER" if isinstance(owner, User) else "SERVICE_ACCOUNT"


def check_dns_name(name: str) -> None:
    """Raise Invalid for what could be no label of a domain name."""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise _wrong("name", f"lower case letters and digits in groups joined by hyphens, at most {LONGEST_NAME}")


def _check_age(field: str, age: timedelta | None) -> None:
    longest = config().sessions.token_longest
    if age is not None and not timedelta(0) < age <= longest:
        raise _wrong(field, f"must be longer than nothing and at most {longest.days} days")


def checked_networks(networks: Iterable[str]) -> list[str]:
    """The CIDR ranges in their plain form. Invalid for what is none."""
    found = []
    for network in networks:
        try:
            found.append(str(ipaddress.ip_network(network.strip(), strict=False)))
        except ValueError:
            raise _wrong("allowedCidrs", f"`{network[:60]}` is no CIDR range") from None
    if len(found) > _MOST_NETWORKS:
        raise _wrong("allowedCidrs", f"at most {_MOST_NETWORKS} ranges")
    return found


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(f"{field}: {message}", violations=[Violation(message, field)])
