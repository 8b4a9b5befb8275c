"""Create, change and delete tenants and namespaces."""

from __future__ import annotations

from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.words.errors import Conflict, NotFound
from tenants.models import Namespace, Tenant
from tenants.namespaces.names import check_namespace
from tenants.permissions import NAMESPACE, TENANT_SETTINGS
from tenants.record.transitions import make_tenant, remove_tenant
from tenants.shapes import namespace_shape, tenant_shape


def locked_tenant(ctx: Context, *, tenant_id: str) -> Target:
    found = Tenant.objects.select_for_update().filter(id=tenant_id).first()
    if found is None:
        raise NotFound()
    return Target(found)


def locked_namespace(ctx: Context, *, name: str) -> Target:
    found = Namespace.objects.select_for_update().filter(name=name).first()
    if found is None:
        raise NotFound()
    return Target(found, name)


@command(SUPERADMIN, instance=True)
def create_tenant(ctx: Context, *, tenant_id: str, name: str = "", settings: dict[str, Any] | None = None) -> Tenant:
    """Create a tenant; whoever creates it administers it."""
    return make_tenant(ctx, tenant_id=tenant_id, name=name, settings=settings or {})


@command(SUPERADMIN, on=locked_tenant, instance=True)
def update_tenant(ctx: Context, *, tenant_id: str, name: str, settings: dict[str, Any]) -> Tenant:
    """Replace the name and the settings."""
    tenant = ctx.target_as(Tenant)
    before = tenant_shape(tenant)
    tenant.name, tenant.settings = name, settings
    tenant.save(update_fields=["name", "settings"])
    ctx.record("TENANT", tenant.id, before=before, after=tenant_shape(tenant))
    return tenant


@command(SUPERADMIN, on=locked_tenant, instance=True)
def set_tenant_logo(ctx: Context, *, tenant_id: str, logo: str | None) -> Tenant:
    """Replace the logo, a data URL; None removes it."""
    tenant = ctx.target_as(Tenant)
    before = tenant_shape(tenant)
    tenant.logo = logo
    tenant.save(update_fields=["logo"])
    ctx.record("TENANT", tenant.id, before=before, after=tenant_shape(tenant))
    return tenant


@command(SUPERADMIN, on=locked_tenant, instance=True)
def delete_tenant(ctx: Context, *, tenant_id: str) -> None:
    """Delete a tenant with everything in it, at once and for ever; the audit trail stays."""
    remove_tenant(ctx, ctx.target_as(Tenant))


@command(TENANT_SETTINGS.UPDATE)
def set_default_dashboards(ctx: Context, *, dashboards: dict[str, Any]) -> Tenant:
    """Choose the dashboards that the tenant's pages open with."""
    tenant = Tenant.objects.select_for_update().get(id=ctx.tenant_id)
    before = tenant_shape(tenant)
    tenant.settings = {**tenant.settings, "settings": {"dashboard": dashboards}}
    tenant.save(update_fields=["settings"])
    ctx.record("TENANT_SETTINGS", tenant.id, before=before, after=tenant_shape(tenant))
    return tenant


@command(NAMESPACE.CREATE, on="{name}")
def create_namespace(
    ctx: Context, *, name: str, description: str = "", variables: dict[str, Any], settings: dict[str, Any]
) -> Namespace:
    """Create a namespace. Conflict when it was created already; one that flows imply becomes configured."""
    check_namespace(name)
    if Namespace.objects.filter(name=name).exists():
        raise Conflict(f"there is a namespace {name} already")
    created = Namespace.objects.create(name=name, description=description, variables=variables, settings=settings)
    ctx.record("NAMESPACE", name, namespace=name, after=namespace_shape(created))
    return created


@command(NAMESPACE.UPDATE, on=locked_namespace)
def update_namespace(
    ctx: Context, *, name: str, description: str, variables: dict[str, Any], settings: dict[str, Any]
) -> Namespace:
    """Replace what is configured."""
    namespace = ctx.target_as(Namespace)
    before = namespace_shape(namespace)
    namespace.description, namespace.variables, namespace.settings = description, variables, settings
    namespace.save(update_fields=["description", "variables", "settings"])
    ctx.record("NAMESPACE", name, namespace=name, before=before, after=namespace_shape(namespace))
    return namespace


@command(NAMESPACE.DELETE, on=locked_namespace)
def delete_namespace(ctx: Context, *, name: str) -> None:
    """Forget what is configured. Flows in it stay, and imply it again."""
    namespace = ctx.target_as(Namespace)
    before = namespace_shape(namespace)
    namespace.delete()
    ctx.record("NAMESPACE", name, namespace=name, before=before)
