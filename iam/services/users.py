"""Users: made, changed, disabled and removed."""

from __future__ import annotations

from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Conflict, Invalid, NotFound, Violation
from iam.authentication.lockout import unlock
from iam.authorization import versions
from iam.models import Session, User
from iam.record.rights import let_user_in
from iam.record.transitions import admins_kept, change_user, make_user, others_govern, put_password, user_facts
from tenants.models import Tenant


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


@command(SUPERADMIN, on=locked_user, instance=True)
def set_password(ctx: Context, *, user_id: str, password: str) -> User:
    """Give somebody a new password; all their sessions end."""
    user = ctx.target_as(User)
    put_password(ctx, user, password)
    return user


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
    if user.is_superadmin and not others_govern(user):
        raise Conflict("the last superadmin cannot be taken away")
    with admins_kept(user):
        user.delete()
    versions.move_identities()
    ctx.record("USER", user_id, before=before)


@command(SUPERADMIN, on=locked_user, instance=True)
def unlock_user(ctx: Context, *, user_id: str) -> User:
    """Open an account that wrong passwords have closed; nothing happens where it is open."""
    user = ctx.target_as(User)
    if unlock(user.email):
        ctx.record("USER", user.id, before={"locked": True}, after={"locked": False})
    return user
