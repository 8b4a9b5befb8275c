"""Create, change and delete tenants."""

from __future__ import annotations

from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.words.errors import NotFound
from control_plane.kernel.words.names import check_name
from tenants.models import Tenant
from tenants.namespaces.configured import kept
from tenants.namespaces.configured_storage import BEFORE, kept_storage
from tenants.permissions import TENANT_SETTINGS
from tenants.record.transitions import make_tenant, remove_tenant
from tenants.shapes import apps_catalog_shape, tenant_shape


def locked_tenant(ctx: Context, *, tenant_id: str) -> Target:
    found = Tenant.objects.select_for_update().filter(id=tenant_id).first()
    if found is None:
        raise NotFound()
    return Target(found)


@command(SUPERADMIN, instance=True)
def create_tenant(ctx: Context, *, tenant_id: str, name: str = "", settings: dict[str, Any] | None = None) -> Tenant:
    """Create a tenant; whoever creates it administers it."""
    understood = kept_storage(kept(settings or {}, {}, tenant_id), {}, tenant_id)
    understood.pop(BEFORE, None)  # nothing is anywhere yet
    return make_tenant(ctx, tenant_id=tenant_id, name=name, settings=understood)


@command(SUPERADMIN, on=locked_tenant, instance=True)
def update_tenant(ctx: Context, *, tenant_id: str, name: str, settings: dict[str, Any]) -> Tenant:
    """Replace the name and the settings."""
    tenant = ctx.target_as(Tenant)
    before = tenant_shape(tenant)
    understood = kept(settings, tenant.settings, tenant_id)
    tenant.name, tenant.settings = check_name("name", name), kept_storage(understood, tenant.settings, tenant_id)
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


@command(SUPERADMIN)
def set_apps_catalog(ctx: Context, *, catalog: dict[str, str]) -> Tenant:
    """Replace the title and the colours of the catalogue of apps."""
    tenant = Tenant.objects.select_for_update().get(id=ctx.tenant_id)
    before = apps_catalog_shape(tenant)
    tenant.settings = {**tenant.settings, "appCatalogConfig": catalog}
    tenant.save(update_fields=["settings"])
    ctx.record("TENANT", tenant.id, before=before, after=apps_catalog_shape(tenant))
    return tenant


@command(SUPERADMIN)
def set_apps_catalog_logo(ctx: Context, *, logo: str | None) -> Tenant:
    """Replace the logo of the catalogue of apps, a data URL; None removes it."""
    tenant = Tenant.objects.select_for_update().get(id=ctx.tenant_id)
    before = apps_catalog_shape(tenant)
    tenant.catalog_logo = logo
    tenant.save(update_fields=["catalog_logo"])
    ctx.record("TENANT", tenant.id, before=before, after=apps_catalog_shape(tenant))
    return tenant
