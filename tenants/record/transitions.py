"""The changes to tenants that several commands share."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Conflict
from control_plane.kernel.words.names import check_name
from tenants.hooks import provision, purge
from tenants.models import Namespace, Tenant
from tenants.namespaces.names import check_tenant_id
from tenants.shapes import tenant_shape


def make_tenant(ctx: Context, *, tenant_id: str, name: str, settings: dict[str, Any]) -> Tenant:
    """Create a tenant and let every room provision it, in the instance's scope. Conflict when it exists."""
    check_tenant_id(tenant_id)
    if Tenant.objects.filter(id=tenant_id).exists():
        raise Conflict(f"there is a tenant {tenant_id} already")
    tenant = Tenant.objects.create(id=tenant_id, name=check_name("name", name) or tenant_id, settings=settings)
    with tenant_scope(tenant_id):
        provision(ctx)
    ctx.record("TENANT", tenant_id, after=tenant_shape(tenant))
    return tenant


def remove_tenant(ctx: Context, tenant: Tenant) -> None:
    """Delete a tenant with everything it owns. Its audit trail stays."""
    before = tenant_shape(tenant)
    with tenant_scope(tenant.id):
        purge(ctx)
        Namespace.objects.all().delete()
    Tenant.objects.filter(id=tenant.id).delete()
    ctx.record("TENANT", tenant.id, before=before)
