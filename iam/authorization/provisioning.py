"""What a tenant brings with it: its managed roles, and its creator as admin."""

from __future__ import annotations

from audit.recording.trail import append
from control_plane.kernel.actor import ActorKind, Change, Context
from control_plane.kernel.scope import current_tenant
from iam.authorization import versions
from iam.authorization.catalogue import ADMIN, MANAGED
from iam.models import (
    AccountAccess,
    Binding,
    ExternalIdentity,
    Group,
    GroupMember,
    IdentityProvider,
    Invitation,
    Refusal,
    Role,
    ScimCall,
    ScimGroup,
    ScimUser,
    SecurityIntegration,
    ServiceAccount,
    TenantAccess,
    User,
)
from tenants.hooks import on_provision, on_purge


def register() -> None:
    on_provision(provide_roles)
    on_purge(remove_rights)


def provide_roles(ctx: Context) -> None:
    versions.move_tenant(current_tenant())
    for name, permissions in MANAGED.items():
        Role.objects.create(id=managed_role_id(name), name=name, permissions=permissions, is_managed=True)
    if ctx.actor.kind is ActorKind.USER:
        make_admin(ctx.actor.id)
        _tell(ctx, ctx.actor.id, ctx.actor.name)


def _tell(ctx: Context, user_id: str, name: str) -> None:
    """In the tenant's own chain: its rights can be told from there alone."""
    binding = Binding.objects.get(user_id=user_id)
    facts = {"id": binding.id, "roleId": binding.role_id, "userId": user_id}
    access = {"userId": user_id, "email": name}
    changes = [
        Change("TENANT_ACCESS", user_id, None, None, access),
        Change("BINDING", binding.id, None, None, facts),
    ]
    append(ctx, changes, action=None, by="iam.authorization.provisioning")


def managed_role_id(name: str) -> str:
    """`viewer_<tenant>` in the open tenant: clients know managed roles by this."""
    return f"{name.lower()}_{current_tenant()}"


def make_admin(user_id: str) -> None:
    """Let a user into the open tenant, with every right in it."""
    TenantAccess.objects.create(user_id=user_id)
    Binding.objects.create(role_id=managed_role_id(ADMIN), user_id=user_id)
    versions.move_tenant(current_tenant())


def remove_rights(ctx: Context) -> None:
    ExternalIdentity.objects.filter(
        provider_id__in=list(IdentityProvider.objects.values_list("id", flat=True))
    ).delete()
    IdentityProvider.objects.all().delete()
    for pushed in (ScimCall, ScimGroup, ScimUser, SecurityIntegration):
        pushed.objects.all().delete()
    for model in (Refusal, Invitation, Binding, GroupMember, Group, Role, TenantAccess, AccountAccess, ServiceAccount):
        model.objects.all().delete()
    User.objects.filter(home=current_tenant()).delete()
    versions.end_tenant(current_tenant())
    versions.move_identities()
