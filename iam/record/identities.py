"""Whom a directory means: found by its own name for them, linked once by a verified address, or made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from control_plane.kernel.actor import Context
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Forbidden
from iam.authentication.sign_in import normal
from iam.authorization import versions
from iam.directories.settings import directory_settings
from iam.models import ApiToken, ExternalIdentity, IdentityProvider, PasswordReset, Session, User
from iam.queries import tenant_ids_of
from iam.record.transitions import change_user, make_user


class NoAccount(Forbidden):
    """There is no account for whoever signed in, and none may be made."""

    code = "no_account"


class AccountDisabled(Forbidden):
    """The account is disabled."""

    code = "account_disabled"


@dataclass(frozen=True)
class Told:
    """What a directory says of somebody. `issuer` and `subject` are who it is; the rest may change."""

    issuer: str
    subject: str
    email: str = ""
    is_verified: bool = False
    first_name: str = ""
    last_name: str = ""
    trace: dict[str, Any] = field(default_factory=dict)


def person_of(ctx: Context, provider: IdentityProvider, told: Told) -> User:
    """The user, in the instance's scope. NoAccount or AccountDisabled, with the reason."""
    found = ExternalIdentity.objects.select_for_update().filter(
        provider_id=provider.id, issuer=told.issuer, subject=told.subject
    )
    identity = found.first()
    if identity is None:
        user = _linked(provider, told) or _made(ctx, provider, told)
        identity = ExternalIdentity(provider_id=provider.id, issuer=told.issuer, subject=told.subject, user=user)
    user = identity.user
    ctx.record("USER", user.id, provider=provider.name, subject=told.subject, isNew=identity._state.adding)
    if user.is_disabled and identity.has_closed:
        change_user(ctx, user, {"is_disabled": False})
    if user.is_disabled:
        raise AccountDisabled()
    identity.seen_at, identity.trace = now(), told.trace
    identity.left_at, identity.has_closed = None, False
    identity.save()
    _follow(ctx, provider, user, told)
    return user


def expected(provider: IdentityProvider, told: Told) -> str:
    """What `person_of` would do, and does not: `known`, `disabled`, `link`, `create`, or why it would refuse."""
    known = ExternalIdentity.objects.filter(
        provider_id=provider.id, issuer=told.issuer, subject=told.subject
    ).select_related("user")
    identity = known.first()
    if identity is not None:
        return "disabled" if is_kept_out(identity) else "known"
    try:
        if _linked(provider, told) is not None:
            return "link"
        _check_may_be_made(provider, told)
    except NoAccount as error:
        return error.message
    return "create"


def _linked(provider: IdentityProvider, told: Told) -> User | None:
    """An account that is there already. One that this provider means by another subject is somebody else's."""
    if not told.email or not told.is_verified or not directory_settings(provider).link_verified:
        return None
    user = _of_address(provider, normal(told.email))
    if user is None:
        return None
    if ExternalIdentity.objects.filter(provider_id=provider.id, issuer=told.issuer, user=user).exists():
        raise NoAccount("the account of this address belongs to another person at the provider")
    return user


def _of_address(provider: IdentityProvider, email: str) -> User | None:
    """A provider of a tenant finds its own people, and those who may enter no other tenant."""
    home = provider.tenant_id
    own = User.objects.filter(email=email, home=home).first()
    if own is not None or not home:
        return own
    user = User.objects.filter(email=email, home="", is_superadmin=False).first()
    return user if user is not None and tenant_ids_of(user.id) == [home] else None


def _check_may_be_made(provider: IdentityProvider, told: Told) -> None:
    if not directory_settings(provider).create_users:
        raise NoAccount("nobody has an account by this provider unless an administrator makes one")
    if not told.email:
        raise NoAccount("the provider tells no e-mail address")
    if User.objects.filter(email=normal(told.email), home=provider.tenant_id).exists():
        raise NoAccount("there is an account of this address, and the provider may not be linked to it")


def _made(ctx: Context, provider: IdentityProvider, told: Told) -> User:
    _check_may_be_made(provider, told)
    return make_user(
        ctx,
        email=told.email,
        first_name=told.first_name,
        last_name=told.last_name,
        home=provider.tenant_id,
        is_address_claimed=not told.is_verified or bool(provider.tenant_id),
    )


def is_kept_out(identity: ExternalIdentity) -> bool:
    """Whether the account is closed, and not only for as long as its directory knew nobody of the kind."""
    return identity.user.is_disabled and not identity.has_closed


def _follow(ctx: Context, provider: IdentityProvider, user: User, told: Told) -> None:
    changes = following(provider, user, told)
    if changes:
        change_user(ctx, user, changes)


def following(provider: IdentityProvider, user: User, told: Told) -> dict[str, Any]:
    """What of names and address is not as the directory says. One that was linked keeps its own."""
    if not _is_the_directorys(provider, user):
        return {}
    wanted = {"first_name": told.first_name or user.first_name, "last_name": told.last_name or user.last_name}
    changes = {name: value for name, value in wanted.items() if value != getattr(user, name)}
    email = normal(told.email)
    is_new = told.is_verified and email not in ("", user.email)
    if is_new and not User.objects.filter(email=email, home=user.home).exists():
        changes["email"] = email
    return changes


def _is_the_directorys(provider: IdentityProvider, user: User) -> bool:
    """Whether the account is the directory's alone."""
    return not (user.home != provider.tenant_id or user.password or (not user.home and user.is_superadmin))


def person_left(ctx: Context, provider: IdentityProvider, identity: ExternalIdentity) -> None:
    """The directory knows somebody no more: their account is closed where it is the directory's alone, until it
    knows them again; of another account the sessions end that began with the directory. All of it at once.

    Conflict where a tenant would lose its last admin.
    """
    user = identity.user
    others = ExternalIdentity.objects.filter(user=user).exclude(provider_id=provider.id)
    is_closed = _is_the_directorys(provider, user) and not others.exists()
    if is_closed and not user.is_disabled:
        change_user(ctx, user, {"is_disabled": True})
        identity.has_closed = True
    if is_closed:
        ApiToken.objects.filter(user=user).delete()
        PasswordReset.objects.filter(user=user).delete()
    Session.objects.filter(user=user, **({} if is_closed else {"provider_id": provider.id})).delete()
    identity.left_at = now()
    identity.save(update_fields=["left_at", "has_closed"])
    versions.move_identities()
    ctx.record("USER", user.id, provider=provider.name, subject=identity.subject, hasLeft=True)
