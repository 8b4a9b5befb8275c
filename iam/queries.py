"""Reading identities in the instance's scope."""

from __future__ import annotations

from control_plane.kernel.scope import across_tenants, tenant_scope
from iam.models import ApiToken, GroupMember, TenantAccess, User
from tenants.models import Tenant


def any_user() -> bool:
    return User.objects.exists()


def tenant_ids_of(user_id: str) -> list[str]:
    with across_tenants("which tenants somebody may enter is asked before one is chosen"):
        return list(
            TenantAccess.objects.filter(user_id=user_id).order_by("tenant_id").values_list("tenant_id", flat=True)
        )


def tenants_of(user: User) -> list[Tenant]:
    """Those the user may enter; a superadmin governs all."""
    tenants = Tenant.objects.order_by("id")
    return list(tenants if user.is_superadmin else tenants.filter(id__in=tenant_ids_of(user.id)))


def groups_of(user_id: str, tenants: list[str]) -> list[dict[str, str]]:
    found = []
    for tenant in tenants:
        with tenant_scope(tenant):
            ids = GroupMember.objects.filter(user_id=user_id).values_list("group_id", flat=True)
            found += [{"id": group, "tenantId": tenant} for group in ids]
    return found


def tokens_of(user_id: str) -> list[ApiToken]:
    return list(ApiToken.objects.filter(user_id=user_id).order_by("-created_at", "id"))
