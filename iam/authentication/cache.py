"""Sessions and tokens, remembered in this process for as long as no identity changes anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from django.db.models import QuerySet

from audit.recording.places import tell_first_use
from control_plane.kernel.actor import Actor, ActorKind, Context
from control_plane.kernel.config import config
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Unauthenticated
from iam.authentication.networks import network_of
from iam.authentication.tokens import digest
from iam.authorization.versions import Versions
from iam.models import ApiToken, ServiceAccount, Session, User

# How often a use is written down; a finer time would cost a write per request.
TOUCH_EVERY = timedelta(minutes=5)
_CACHED = 20_000
_PLACES_HELD = 1_000

Network = IPv4Network | IPv6Network


@dataclass(slots=True)
class _Known:
    identities: int
    actor: Actor
    ends_at: datetime | None
    touch_at: datetime
    touch: Callable[[datetime], datetime | None]
    """Writes the use down and says when the credential ends now."""
    networks: tuple[Network, ...] = ()
    """Where it may be used from; from everywhere where there is none."""
    is_followed: bool = False
    """Its first use from each network is told."""
    seen_from: set[str | None] = field(default_factory=set)
    """Addresses of networks that were told already."""

    def is_new_from(self, ip: str | None) -> bool:
        return self.is_followed and ip not in self.seen_from

    def is_from(self, ip: str | None) -> bool:
        return not self.networks or (ip is not None and any(ip_address(ip) in network for network in self.networks))


class WrongAddress(Unauthenticated):
    """This token may not be used from this address."""

    code = "wrong_address"


_known: dict[str, _Known] = {}


def by_session(secret: str, versions: Versions) -> Actor | None:
    return _by(digest(secret), versions, _load_session)


def by_token(token: str, versions: Versions, ip: str | None) -> Actor | None:
    """Whose it is. WrongAddress where it may not be used from there."""
    return _by(digest(token), versions, _load_token, ip)


def remembered(secret: str, versions: Versions, ip: str | None) -> Actor | None:
    """Whose it is, from memory alone; None where the database must be asked or a use be written down."""
    known = _known.get(digest(secret))
    if known is None or known.identities != versions.identities or not known.is_from(ip) or known.is_new_from(ip):
        return None
    moment = now()
    has_ended = known.ends_at is not None and known.ends_at <= moment
    return None if has_ended or known.touch_at <= moment else known.actor


def last_owner(secret: str) -> str | None:
    """Whose it was when it was looked up last; it opens nothing."""
    held = _known.get(digest(secret))
    return None if held is None else held.actor.id


def _by(key: str, versions: Versions, load: Callable[[str, int], _Known | None], ip: str | None = None) -> Actor | None:
    known = _known.get(key)
    if known is None or known.identities != versions.identities:
        known = load(key, versions.identities)
        if known is None:
            _known.pop(key, None)
            return None
        if len(_known) >= _CACHED:
            _known.clear()
        _known[key] = known
    moment = now()
    if known.ends_at is not None and known.ends_at <= moment:
        return None
    if not known.is_from(ip):
        raise WrongAddress()
    if known.touch_at <= moment:
        known.touch_at = moment + TOUCH_EVERY
        known.ends_at = known.touch(moment)
    if known.is_new_from(ip):
        _tell_first_use(known, ip)
    return known.actor


def _tell_first_use(known: _Known, ip: str | None) -> None:
    """In the chain of whose token it is; outside of any scope, as everything that is looked up here."""
    home = known.actor.home or ""
    with tenant_scope(home) if home else instance_scope():
        tell_first_use(Context(known.actor, tenant_id=home or None, ip=ip), network_of(ip))
    if len(known.seen_from) >= _PLACES_HELD:
        known.seen_from.clear()
    known.seen_from.add(ip)


def actor_of(user: User, credential: str = "", home: str = "") -> Actor:
    """`home` is the tenant that the credential was given for; a user of a tenant's own directory has none but that."""
    bound = user.home or home or None
    return Actor(
        ActorKind.USER,
        id=user.id,
        name=user.email,
        is_superadmin=user.is_superadmin and bound is None,
        home=bound,
        credential=credential,
    )


def _load_session(key: str, identities: int) -> _Known | None:
    found = Session.objects.select_related("user", "acting_as").filter(digest=key, user__is_disabled=False).first()
    if found is None:
        return None
    session = found

    def touch(moment: datetime) -> datetime:
        Session.objects.filter(pk=session.pk).update(last_seen_at=moment)
        return _session_end(session, moment)

    ends_at = _session_end(session, session.last_seen_at)
    actor = replace(_session_actor(session), signed_in_by="SESSION")
    return _Known(identities, actor, ends_at, session.last_seen_at + TOUCH_EVERY, touch)


def _session_actor(session: Session) -> Actor:
    """Whoever signed in, or whom they act as. Both must be what they were when that began."""
    shown = session.acting_as
    if shown is None or shown.is_disabled or not session.user.is_superadmin or session.home:
        return actor_of(session.user, session.id, session.home)
    return acting_as(shown, actor_of(session.user, session.id))


def acting_as(shown: User, impersonator: Actor) -> Actor:
    """The user, with whoever acts as them."""
    return replace(
        actor_of(shown, impersonator.credential),
        impersonator=(impersonator.id, impersonator.name),
        signed_in_by=impersonator.signed_in_by,
    )


def _session_end(session: Session, seen_at: datetime) -> datetime:
    return min(session.expires_at, seen_at + config().sessions.idle + TOUCH_EVERY)


def _load_token(key: str, identities: int) -> _Known | None:
    found = ApiToken.objects.select_related("user").filter(digest=key).first()
    actor = _token_actor(found) if found else None
    if found is None or actor is None:
        return None
    token = found

    def touch(moment: datetime) -> datetime | None:
        return _use(token, ApiToken.objects.filter(pk=token.pk), moment)

    touched = token.last_used_at or token.created_at - TOUCH_EVERY
    networks = tuple(map(ip_network, token.networks))
    actor = replace(actor, signed_in_by="TOKEN")
    return _Known(identities, actor, token.expires_at, touched + TOUCH_EVERY, touch, networks, is_followed=True)


def _use(token: ApiToken, row: QuerySet[ApiToken], moment: datetime) -> datetime | None:
    changes: dict[str, Any] = {"last_used_at": moment}
    if token.is_extended and token.lifetime_seconds:
        token.expires_at = changes["expires_at"] = moment + timedelta(seconds=token.lifetime_seconds)
    row.update(**changes)
    return token.expires_at


def _token_actor(token: ApiToken) -> Actor | None:
    if token.user is not None:
        return None if token.user.is_disabled else actor_of(token.user, token.id, token.tenant_id)
    if token.service_account_id is None:
        return None
    with tenant_scope(token.tenant_id) if token.tenant_id else instance_scope():
        account = ServiceAccount.objects.filter(id=token.service_account_id).first()
    if account is None or account.is_disabled:
        return None
    return Actor(
        ActorKind.SERVICE_ACCOUNT,
        id=account.id,
        name=account.name,
        is_superadmin=account.is_superadmin,
        home=token.tenant_id or None,
        credential=token.id,
    )
