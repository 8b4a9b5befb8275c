"""Who shows these credentials: sessions, tokens and passwords all end in one Actor."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from http.cookies import CookieError, SimpleCookie

from control_plane.kernel.actor import ANONYMOUS, Actor, ActorKind
from control_plane.kernel.api.dispatch import CSRF_COOKIE, SESSION_COOKIE, Identity, Shown
from control_plane.kernel.config import config
from control_plane.kernel.csrf import is_csrf_of
from control_plane.kernel.words.errors import Forbidden, NotFound, Unauthenticated
from iam.access import remembers
from iam.authentication import attempts, cache, sign_in
from iam.authentication.cache import acting_as, by_session, by_token
from iam.authentication.sign_in import by_password
from iam.authentication.tokens import PREFIX_LENGTH, is_session, is_well_formed
from iam.authorization.versions import QUESTION, Versions, answered, current, last_seen
from iam.models import User

Resolver = Callable[[str, Versions], Actor | None]

_kinds: dict[str, Resolver] = {}


class BadCredentials(Unauthenticated):
    """These credentials are not valid."""

    code = "bad_credentials"


class BadCsrfToken(Forbidden):
    """A change asked for with a session cookie needs the header X-CSRF-TOKEN with what the cookie csrfToken holds."""

    code = "bad_csrf_token"


def register_kind(prefix: str, resolver: Resolver) -> None:
    """Let tokens of another kind in: `resolver` says whose a well-formed one is, None for nobody's."""
    if len(prefix) != PREFIX_LENGTH or not prefix.endswith("_"):
        raise ValueError(f"{prefix!r} is no prefix of {PREFIX_LENGTH} characters")
    _kinds[prefix] = resolver


def identify(shown: Shown, tenant_id: str | None) -> Identity:
    """The kernel's authenticator. No credentials are nobody; wrong ones are refused."""
    versions = current(tenant_id)
    return Identity(_shown_actor(shown, versions), versions)


def question(shown: Shown) -> str:
    """What a memory of these credentials hangs on; nothing is remembered of tokens of another app's kind."""
    scheme, value = _given(shown)
    is_others = scheme == "bearer" and value[:PREFIX_LENGTH] in _kinds
    return "" if is_others or shown.impersonate else QUESTION


def recall(shown: Shown, tenant_id: str | None, rows: Sequence[Sequence[object]]) -> Identity | None:
    """Whoever memory knows by these credentials. All that is wrong or must be looked up is left to `identify`."""
    versions = answered(rows, tenant_id)
    actor = _recalled(shown, versions)
    return Identity(actor, versions) if actor is not None else None


def foresee(shown: Shown, tenant_id: str) -> Identity | None:
    """Who it was, and may still be: the numbers that memory saw last must be asked for before it is believed."""
    versions = last_seen(tenant_id)
    actor = _recalled(shown, versions) if versions is not None else None
    if versions is None or actor is None or not remembers(actor, tenant_id, versions):
        return None
    return Identity(actor, versions)


def account(shown: Shown) -> str | None:
    """Whose these were when memory saw them last, to count requests by. It may have been revoked since."""
    scheme, value = _given(shown)
    if scheme == "bearer":
        return cache.last_owner(value)
    if scheme == "basic":
        return _last_by_password(value)
    return cache.last_owner(shown.session) if shown.session and not shown.authorization else None


def is_costly(shown: Shown) -> bool:
    """Whether a password would have to be hashed: memory does not know it, or may have to look again."""
    scheme, value = _given(shown)
    return scheme == "basic" and config().basic_auth and _last_by_password(value) is None


def refuse_guesses(shown: Shown) -> None:
    """TooManyRequests for an address that was wrong too often, before anything is spent on who is there."""
    scheme, value = _given(shown)
    name = None
    if scheme == "basic":
        try:
            name = sign_in.normal(_decoded(value)[0])
        except BadCredentials:
            return
    attempts.refuse_guesses(name, shown.ip)


def _given(shown: Shown) -> tuple[str, str]:
    """The scheme in lower case, and what follows it without the blanks of the header's own grammar, and no others."""
    scheme, _, value = (shown.authorization or "").partition(" ")
    return scheme.lower(), value.strip(" \t")


def _last_by_password(value: str) -> str | None:
    try:
        return sign_in.last_owner(*_decoded(value))
    except BadCredentials:
        return None


def _recalled(shown: Shown, versions: Versions) -> Actor | None:
    scheme, value = _given(shown)
    if scheme == "bearer":
        return None if is_session(value) else cache.remembered(value, versions, shown.ip)
    if shown.authorization:
        return _recalled_by_password(value, versions) if scheme == "basic" else None
    if not shown.session:
        return ANONYMOUS
    if not is_session(shown.session) or not (shown.is_safe or _has_csrf(shown)):
        return None
    return cache.remembered(shown.session, versions, shown.ip)


def _recalled_by_password(value: str, versions: Versions) -> Actor | None:
    try:
        name, password = _decoded(value)
    except BadCredentials:
        return None
    return sign_in.remembered(name, password, versions) if config().basic_auth else None


def actor_for(headers: Mapping[str, str], *, is_safe: bool = True, ip: str | None = None) -> Actor:
    """The same for doors outside of Django's requests; header names in lower case. Call it in a thread."""
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        raise BadCredentials() from None
    shown = Shown(
        authorization=headers.get("authorization"),
        session=cookies[SESSION_COOKIE].value if SESSION_COOKIE in cookies else None,
        csrf_cookie=cookies[CSRF_COOKIE].value if CSRF_COOKIE in cookies else None,
        csrf_header=headers.get("x-csrf-token"),
        is_safe=is_safe,
        ip=ip,
        impersonate=headers.get("x-kestra-impersonate"),
    )
    return _shown_actor(shown, current(None))


def _shown_actor(shown: Shown, versions: Versions) -> Actor:
    actor = _actor(shown, versions)
    return _impersonated(actor, shown.impersonate) if shown.impersonate else actor


def _impersonated(actor: Actor, email: str) -> Actor:
    """The user of this address, for a superadmin who is a person and not somebody else already."""
    if not actor.is_superadmin or actor.kind is not ActorKind.USER or actor.impersonator:
        raise Forbidden("only a superadmin acts as somebody else")
    user = User.objects.filter(email=sign_in.normal(email), home="", is_disabled=False).first()
    if user is None:
        raise NotFound("there is no such user")
    return acting_as(user, actor)


def _actor(shown: Shown, versions: Versions) -> Actor:
    if shown.authorization:
        return _from_header(shown, versions)
    if not shown.session:
        return ANONYMOUS
    is_one = is_session(shown.session) and is_well_formed(shown.session)
    actor = by_session(shown.session, versions) if is_one else None
    if actor is None:
        raise BadCredentials("the session has ended")
    if not shown.is_safe and not _has_csrf(shown):
        raise BadCsrfToken()
    return actor


def _has_csrf(shown: Shown) -> bool:
    return is_csrf_of(shown.session or "", shown.csrf_header)


def _from_header(shown: Shown, versions: Versions) -> Actor:
    scheme, value = _given(shown)
    actor: Actor | None = None
    if scheme == "bearer":
        actor = _from_token(value, versions, shown.ip)
    elif scheme == "basic" and config().basic_auth:
        name, password = _decoded(value)
        actor = by_password(name, password, versions, shown.ip)
    if actor is None:
        raise BadCredentials()
    return actor


def _from_token(token: str, versions: Versions, ip: str | None) -> Actor | None:
    if is_session(token) or not is_well_formed(token):
        return None
    resolver = _kinds.get(token[:PREFIX_LENGTH])
    return resolver(token, versions) if resolver else by_token(token, versions, ip)


def _decoded(value: str) -> tuple[str, str]:
    try:
        name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise BadCredentials() from None
    if not colon or "\x00" in name:
        raise BadCredentials()
    return name, password
