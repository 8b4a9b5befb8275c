"""Users: made, changed, disabled and removed."""

from __future__ import annotations

from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import ActorKind, Context
from control_plane.kernel.permissions import AUTHENTICATED, SUPERADMIN
from control_plane.kernel.scope import after_rollback, tenant_scope
from control_plane.kernel.words.errors import Conflict, Forbidden, Invalid, NotFound, Violation
from iam.authentication.passwords import check_password, hashed
from iam.authentication.sign_in import check, normal, tell_failure
from iam.authorization import versions
from iam.models import Session, User
from iam.record.rights import let_user_in
from iam.record.transitions import check_email, make_user, user_facts
from tenants.models import Tenant

CHANGEABLE = frozenset({"email", "first_name", "last_name", "is_superadmin", "is_restricted", "is_disabled"})


def locked_user(ctx: Context, *, user_id: str) -> Target:
    user = User.objects.select_for_update().filter(id=user_id).first()
    if user is None:
        raise NotFound()
    return Target(user)


@command(SUPERADMIN, instance=True)
def create_user(
    ctx: Context,
    *,
    email: str,
    password: str = "",
    first_name: str = "",
    last_name: str = "",
    is_superadmin: bool = False,
    is_restricted: bool = False,
    tenants: list[str] | None = None,
) -> User:
    """Create a user who may enter these tenants, without any right in them yet."""
    user = make_user(
        ctx,
        email=email,
        password=password,
        first_name=first_name,
        last_name=last_name,
        is_superadmin=is_superadmin,
        is_restricted=is_restricted,
    )
    for tenant_id in tenants or []:
        _let_in(ctx, user, tenant_id)
    return user


def _let_in(ctx: Context, user: User, tenant_id: str) -> None:
    if not Tenant.objects.filter(id=tenant_id).exists():
        message = f"there is no tenant {tenant_id}"
        raise Invalid(message, violations=[Violation(message, "tenants")])
    with tenant_scope(tenant_id):
        let_user_in(ctx, user.id)


@command(SUPERADMIN, on=locked_user, instance=True)
def update_user(ctx: Context, *, user_id: str, changes: dict[str, Any], tenants: list[str] | None = None) -> User:
    """Change what is named in `changes`. The last superadmin stays one."""
    user = ctx.target_as(User)
    change_user(ctx, user, changes)
    for tenant_id in tenants or []:
        _let_in(ctx, user, tenant_id)
    return user


@command(AUTHENTICATED, instance=True)
def update_me(ctx: Context, *, changes: dict[str, Any]) -> User:
    """Change one's own name or address."""
    user = myself(ctx)
    change_user(ctx, user, {key: changes[key] for key in changes if key in ("email", "first_name", "last_name")})
    return user


def myself(ctx: Context) -> User:
    if ctx.actor.kind is not ActorKind.USER:
        raise Forbidden("only a user has a profile")
    return User.objects.select_for_update().get(id=ctx.actor.id)


def change_user(ctx: Context, user: User, changes: dict[str, Any]) -> None:
    before = user_facts(user)
    for name, value in changes.items():
        if name not in CHANGEABLE:
            raise ValueError(f"{name} is not changed this way")
        setattr(user, name, value)
    user.email = normal(user.email)
    check_email(user.email)
    if User.objects.filter(email=user.email).exclude(id=user.id).exists():
        raise Conflict(f"there is a user {user.email} already")
    _keep_one_superadmin(user, before)
    user.save(update_fields=list(CHANGEABLE))
    versions.move_identities()
    ctx.record("USER", user.id, before=before, after=user_facts(user))


def _keep_one_superadmin(user: User, before: dict[str, Any]) -> None:
    governs = user.is_superadmin and not user.is_disabled
    if before["superAdmin"] and not governs and not _others_govern(user):
        raise Conflict("the last superadmin cannot be taken away")


def _others_govern(user: User) -> bool:
    return User.objects.filter(is_superadmin=True, is_disabled=False).exclude(id=user.id).exists()


@command(AUTHENTICATED, instance=True)
def change_my_password(ctx: Context, *, old: str, new: str) -> None:
    """Needs the old one, which is no easier to guess here than at the endpoint. All other sessions of the user end."""
    user = myself(ctx)
    if check(user.email, old) is None:
        after_rollback(lambda: tell_failure(user.email, ctx.ip, ctx.request_id))
        raise Forbidden("the old password is wrong")
    _set_password(ctx, user, new, keep_session=ctx.actor.credential)


@command(SUPERADMIN, on=locked_user, instance=True)
def set_password(ctx: Context, *, user_id: str, password: str) -> User:
    """Give somebody a new password; all their sessions end."""
    user = ctx.target_as(User)
    _set_password(ctx, user, password)
    return user


def _set_password(ctx: Context, user: User, password: str, keep_session: str = "") -> None:
    check_password(password)
    before = user_facts(user)
    user.password, user.password_version = hashed(password), user.password_version + 1
    user.save(update_fields=["password", "password_version"])
    Session.objects.filter(user=user).exclude(id=keep_session).delete()
    versions.move_identities()
    ctx.record("USER", user.id, before=before, after=user_facts(user))


@command(SUPERADMIN, on=locked_user, instance=True)
def end_sessions(ctx: Context, *, user_id: str) -> None:
    """Sign somebody out everywhere; nothing happens when they are not signed in."""
    ended, _ = Session.objects.filter(user_id=user_id).delete()
    if ended:
        versions.move_identities()
        ctx.record("USER", user_id, sessionsEnded=ended)


@command(SUPERADMIN, on=locked_user, instance=True)
def remove_password(ctx: Context, *, user_id: str) -> User:
    """Take the password away: other ways in stay."""
    user = ctx.target_as(User)
    if not user.password:
        raise NotFound()
    before = user_facts(user)
    user.password, user.password_version = "", user.password_version + 1
    user.save(update_fields=["password", "password_version"])
    Session.objects.filter(user=user).delete()
    versions.move_identities()
    ctx.record("USER", user.id, before=before, after=user_facts(user))
    return user


@command(SUPERADMIN, on=locked_user, instance=True)
def delete_user(ctx: Context, *, user_id: str) -> None:
    """Remove a user with sessions, tokens, memberships and bindings. The last superadmin stays."""
    user = ctx.target_as(User)
    before = user_facts(user)
    if user.is_superadmin and not _others_govern(user):
        raise Conflict("the last superadmin cannot be taken away")
    user.delete()
    versions.move_identities()
    ctx.record("USER", user_id, before=before)
