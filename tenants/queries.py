"""Reading tenants and namespaces, the implied ones included."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.scope import current_tenant, instance_scope
from tenants.hooks import names_in_use
from tenants.models import Namespace, Tenant
from tenants.namespaces.names import lineage, with_parents


def tenant(tenant_id: str) -> Tenant:
    """Raises DoesNotExist."""
    return Tenant.objects.get(id=tenant_id)


def tenant_settings() -> dict[str, Any]:
    """Those of the tenant whose scope is open; none where it is gone."""
    found = Tenant.objects.filter(id=current_tenant()).values_list("settings", flat=True).first()
    return found or {}


def exists_tenant(tenant_id: str) -> bool:
    """Asked in a scope of its own."""
    with instance_scope():
        return Tenant.objects.filter(id=tenant_id).exists()


def namespace(name: str) -> Namespace:
    """A namespace as it was configured; an implied one without any settings. Raises DoesNotExist."""
    found = Namespace.objects.filter(name=name).first()
    if found is not None:
        return found
    if name in with_parents(names_in_use()):
        return Namespace(id="", name=name)
    raise Namespace.DoesNotExist


def namespace_names(*, is_created: bool = False) -> list[str]:
    """All names in order; with `is_created` only those that somebody created."""
    created = set(Namespace.objects.values_list("name", flat=True))
    return sorted(created if is_created else with_parents(created | names_in_use()))


def namespace_settings(name: str) -> list[Namespace]:
    """The configured ones among a namespace and its parents, outermost first: what is nearer overrides."""
    return list(Namespace.objects.filter(name__in=lineage(name)).order_by("name"))


def inherited_variables(name: str) -> dict[str, Any]:
    """The variables that hold in a namespace, its parents' included."""
    merged: dict[str, Any] = {}
    for each in namespace_settings(name):
        merged |= each.variables
    return merged
