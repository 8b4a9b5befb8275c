"""Tenants and namespaces as the API shows them."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.api.bodies import without_nulls
from tenants.models import Namespace, Tenant
from tenants.namespaces.configured import shown
from tenants.namespaces.configured_storage import shown_storage


def tenant_shape(tenant: Tenant) -> dict[str, Any]:
    return {
        **without_nulls(id=tenant.id, name=tenant.name, deleted=False, logo=tenant.logo),
        **shown_storage(shown(tenant.settings)),
    }


def apps_catalog_shape(tenant: Tenant) -> dict[str, Any]:
    return {**without_nulls(logo=tenant.catalog_logo), **tenant.settings.get("appCatalogConfig", {})}


def namespace_shape(namespace: Namespace) -> dict[str, Any]:
    own = without_nulls(
        id=namespace.name,
        deleted=False,
        description=namespace.description or None,
        variables=namespace.variables or None,
    )
    return {**own, **shown_storage(shown(namespace.settings))}
