"""Who may enter a tenant."""

from __future__ import annotations

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.words.errors import Conflict, NotFound
from iam.authentication.sign_in import normal
from iam.models import Binding, GroupMember, TenantAccess, User
from iam.permissions import TENANT_ACCESS
from iam.record.rights import let_user_in, rights_change


def locked_access(ctx: Context, *, user_id: str) -> Target:
    access = TenantAccess.objects.select_for_update(of=("self",)).filter(user_id=user_id).first()
    if access is None:
        raise NotFound()
    return Target(access)


@command(TENANT_ACCESS.CREATE)
def let_in(ctx: Context, *, email: str = "", user_id: str = "") -> None:
    """Let a user in, without any right yet. NotFound for an unknown one, Conflict for one who is in."""
    users = User.objects.filter(id=user_id) if user_id else User.objects.filter(email=normal(email))
    user = users.first()
    if user is None:
        raise NotFound("there is no such user")
    if TenantAccess.objects.filter(user_id=user.id).exists():
        raise Conflict("this user may enter already")
    let_user_in(ctx, user.id)


@command(TENANT_ACCESS.DELETE, on=locked_access)
def shut_out(ctx: Context, *, user_id: str) -> None:
    """Take away access with every binding and membership, from the next request on."""
    with rights_change():
        ctx.target_as(TenantAccess).delete()
        Binding.objects.filter(user_id=user_id).delete()
        GroupMember.objects.filter(user_id=user_id).delete()
    ctx.record("TENANT_ACCESS", user_id, before={"userId": user_id})
