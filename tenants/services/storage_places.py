"""Let the operator say where the files of a tenant or of a namespace are kept, and forget where they were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.scope import current_tenant
from plugins.storage.settings import CONFIGURATION, TYPE
from tenants.models import Namespace, Tenant
from tenants.namespaces.configured_storage import BEFORE, kept_storage
from tenants.namespaces.names import check_namespace
from tenants.services.tenants import locked_tenant
from tenants.shapes import namespace_shape, tenant_shape

Said = Mapping[str, Any]
"""`type` and `configuration`; nothing of it for what stands above."""


def namespace_to_tell(ctx: Context, *, name: str) -> Target:
    """One that flows imply is made by it."""
    found = Namespace.objects.select_for_update().filter(name=name).first()
    return Target(found or Namespace(name=name), name)


@command(SUPERADMIN, on=locked_tenant, instance=True)
def choose_tenant_storage(ctx: Context, *, tenant_id: str, said: Said) -> Tenant:
    tenant = ctx.target_as(Tenant)
    before = tenant_shape(tenant)
    tenant.settings = kept_storage({**_others(tenant.settings), **_settings(said)}, tenant.settings, tenant_id)
    tenant.save(update_fields=["settings"])
    ctx.record("TENANT", tenant.id, before=before, after=tenant_shape(tenant), storageChosen=said.get("type") or "")
    return tenant


@command(SUPERADMIN, on=namespace_to_tell)
def choose_namespace_storage(ctx: Context, *, name: str, said: Said) -> Namespace:
    check_namespace(name)
    namespace = ctx.target_as(Namespace)
    before = namespace_shape(namespace)
    wanted = {**_others(namespace.settings), **_settings(said)}
    namespace.settings = kept_storage(wanted, namespace.settings, current_tenant(), name)
    namespace.save()
    told = {"before": before, "after": namespace_shape(namespace)}
    ctx.record("NAMESPACE", name, namespace=name, **told, storageChosen=said.get("type") or "")
    return namespace


@command(SUPERADMIN, on=locked_tenant, instance=True)
def forget_former_tenant_storage(ctx: Context, *, tenant_id: str, files: int) -> None:
    """Everything was carried over: nothing is looked for where it was before."""
    tenant = ctx.target_as(Tenant)
    if BEFORE not in tenant.settings:
        return
    shape = tenant_shape(tenant)
    tenant.settings = {name: value for name, value in tenant.settings.items() if name != BEFORE}
    tenant.save(update_fields=["settings"])
    ctx.record("TENANT", tenant.id, before=shape, after=tenant_shape(tenant), filesMoved=files)


@command(SUPERADMIN, on=namespace_to_tell)
def forget_former_namespace_storage(ctx: Context, *, name: str, files: int) -> None:
    namespace = ctx.target_as(Namespace)
    if BEFORE not in namespace.settings:
        return
    shape = namespace_shape(namespace)
    namespace.settings = {name: value for name, value in namespace.settings.items() if name != BEFORE}
    namespace.save(update_fields=["settings"])
    ctx.record("NAMESPACE", name, namespace=name, before=shape, after=namespace_shape(namespace), filesMoved=files)


def _others(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in settings.items() if name not in (TYPE, CONFIGURATION)}


def _settings(said: Said) -> dict[str, Any]:
    if not said.get("type"):
        return {}
    return {TYPE: said["type"], CONFIGURATION: dict(said.get("configuration") or {})}
