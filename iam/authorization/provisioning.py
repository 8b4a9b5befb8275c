"""What a tenant brings with it: its managed roles, and its creator as admin."""

from __future__ import annotations

from control_plane.kernel.actor import ActorKind, Context
from control_plane.kernel.scope import current_tenant
from iam.authorization import versions
from iam.authorization.catalogue import MANAGED
from iam.models import Binding, Group, GroupMember, Role, ServiceAccount, TenantAccess
from tenants.hooks import on_provision, on_purge

ADMIN = "Admin"


def register() -> None:
    on_provision(provide_roles)
    on_purge(remove_rights)


def provide_roles(ctx: Context) -> None:
    versions.move_tenant(current_tenant())
    for name, permissions in MANAGED.items():
        Role.objects.create(name=name, permissions=permissions, is_managed=True)
    if ctx.actor.kind is ActorKind.USER:
        make_admin(ctx.actor.id)


def make_admin(user_id: str) -> None:
    """Let a user into the open tenant, with every right in it."""
    TenantAccess.objects.create(user_id=user_id)
    Binding.objects.create(role=Role.objects.get(name=ADMIN, is_managed=True), user_id=user_id)
    versions.move_tenant(current_tenant())


def remove_rights(ctx: Context) -> None:
    for model in (Binding, GroupMember, Group, Role, TenantAccess, ServiceAccount):
        model.objects.all().delete()
    versions.end_tenant(current_tenant())
    versions.move_identities()
