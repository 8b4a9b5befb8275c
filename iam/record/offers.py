"""What an invitation offers, and whether its maker could give it."""

from __future__ import annotations

from dataclasses import dataclass

from control_plane.kernel.actor import Context
from control_plane.kernel.words.errors import Forbidden, NotFound
from iam.access import require_groups_held, require_held
from iam.authorization.roles import permissions_of
from iam.models import Group, Invitation, Role
from tenants.namespaces.names import check_namespace


@dataclass(frozen=True)
class RoleWithin:
    """A role, in these namespaces or in the whole tenant."""

    id: str
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewInvitation:
    email: str
    roles: tuple[RoleWithin, ...] = ()
    groups: tuple[str, ...] = ()
    is_superadmin: bool = False
    is_direct: bool = False
    """Make the user at once, without asking: for a superadmin, who makes users."""

    @property
    def kept_roles(self) -> list[dict[str, object]]:
        return [{"id": role.id, "namespaces": list(role.namespaces)} for role in self.roles]


def check_given(ctx: Context, wanted: NewInvitation) -> None:
    if wanted.is_superadmin and not ctx.actor.is_superadmin:
        raise Forbidden("only a superadmin gives what a superadmin may do")
    roles = {role.id: role for role in Role.objects.filter(id__in=[role.id for role in wanted.roles])}
    for within in wanted.roles:
        if within.id not in roles:
            raise NotFound("there is no such role")
        for namespace in within.namespaces:
            check_namespace(namespace)
        for where in within.namespaces or (None,):
            require_held(ctx, permissions_of(roles[within.id]), where)
    if Group.objects.filter(id__in=wanted.groups).count() != len(set(wanted.groups)):
        raise NotFound("there is no such group")
    require_groups_held(ctx, wanted.groups)


def require_given(ctx: Context, invitation: Invitation) -> None:
    """Raise unless the actor could give all that the invitation does."""
    roles = tuple(RoleWithin(role["id"], tuple(role["namespaces"])) for role in invitation.roles)
    roles = tuple(role for role in roles if Role.objects.filter(id=role.id).exists())
    groups = tuple(Group.objects.filter(id__in=invitation.groups).values_list("id", flat=True))
    check_given(ctx, NewInvitation(invitation.email, roles, groups, invitation.is_superadmin))
