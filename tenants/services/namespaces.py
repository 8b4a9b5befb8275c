"""Create, change and delete namespaces."""

from __future__ import annotations

from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import Conflict, NotFound
from tenants.models import Namespace
from tenants.namespaces.configured import kept
from tenants.namespaces.configured_storage import has_place, kept_storage
from tenants.namespaces.names import check_namespace
from tenants.permissions import NAMESPACE
from tenants.shapes import namespace_shape


def locked_namespace(ctx: Context, *, name: str) -> Target:
    found = Namespace.objects.select_for_update().filter(name=name).first()
    if found is None:
        raise NotFound()
    return Target(found, name)


@command(NAMESPACE.CREATE, on="{name}")
def create_namespace(
    ctx: Context, *, name: str, description: str = "", variables: dict[str, Any], settings: dict[str, Any]
) -> Namespace:
    """Create a namespace. Conflict when it was created already; one that flows imply becomes configured."""
    check_namespace(name)
    if Namespace.objects.filter(name=name).exists():
        raise Conflict(f"there is a namespace {name} already")
    settings = kept_storage(kept(settings, {}, current_tenant(), name), {}, current_tenant(), name)
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
    namespace.description, namespace.variables = description, variables
    understood = kept(settings, namespace.settings, current_tenant(), name)
    namespace.settings = kept_storage(understood, namespace.settings, current_tenant(), name)
    namespace.save(update_fields=["description", "variables", "settings"])
    ctx.record("NAMESPACE", name, namespace=name, before=before, after=namespace_shape(namespace))
    return namespace


@command(NAMESPACE.DELETE, on=locked_namespace)
def delete_namespace(ctx: Context, *, name: str) -> None:
    """Forget what is configured. Flows in it stay, and imply it again; their files must not be out of reach then."""
    namespace = ctx.target_as(Namespace)
    if has_place(namespace.settings):
        raise Conflict(f"files of {name} are kept in a place of its own: move them first, by `orrery storage move`")
    before = namespace_shape(namespace)
    namespace.delete()
    ctx.record("NAMESPACE", name, namespace=name, before=before)
