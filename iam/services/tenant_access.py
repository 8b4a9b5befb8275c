"""Who may enter a tenant."""

from __future__ import annotations

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.words.errors import Conflict, NotFound
from iam.authentication.sign_in import normal
from iam.models import Binding, GroupMember, TenantAccess, User
from iam.permissions import TENANT_ACCESS
from iam.record.invitations import Given, make_invitation
from iam.record.rights import check_source, let_user_in, rights_change
from iam.record.transitions import check_email


def locked_access(ctx: Context, *, user_id: str) -> Target:
    access = TenantAccess.objects.select_for_update(of=("self",)).filter(user_id=user_id).first()
    if access is None:
        raise NotFound()
    return Target(access)


@command(TENANT_ACCESS.CREATE)
def let_in(ctx: Context, *, email: str = "", user_id: str = "") -> None:
    """Let a user in, without any right yet. Conflict for one who is in.

    By an address nobody but a superadmin lets anybody in: it asks them by an invitation, so that nobody learns whether
    there is a user of that address. NotFound for an unknown id, or to a superadmin for an unknown address.
    """
    if not user_id and not ctx.actor.is_superadmin:
        check_email(email)
        make_invitation(ctx, normal(email), Given())
        return
    users = User.objects.filter(id=user_id) if user_id else User.objects.filter(email=normal(email), home="")
    user = users.first()
    if user is None:
        raise NotFound("there is no such user")
    if TenantAccess.objects.filter(user_id=user.id).exists():
        raise Conflict("this user may enter already")
    let_user_in(ctx, user.id)


@command(TENANT_ACCESS.DELETE, on=locked_access)
def shut_out(ctx: Context, *, user_id: str) -> None:
    """Take away access with every binding and membership, from the next request on."""
    access = ctx.target_as(TenantAccess)
    check_source(access.managed_by, "", "the access")
    with rights_change():
        access.delete()
        Binding.objects.filter(user_id=user_id).delete()
        GroupMember.objects.filter(user_id=user_id).delete()
    ctx.record("TENANT_ACCESS", user_id, before={"userId": user_id})
