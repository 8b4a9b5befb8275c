"""Which namespaces somebody may see."""

from __future__ import annotations

from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import authorizer
from tenants.permissions import NAMESPACE
from tenants.queries import namespace_names


def visible_names(ctx: Context, *, is_created: bool = False) -> list[str]:
    """In order; the implied ones too, unless only created ones are asked for."""
    names = namespace_names(is_created=is_created)
    granted = authorizer().namespaces(ctx, NAMESPACE.LIST)
    if granted is None:
        return names
    return [name for name in names if any(name == each or name.startswith(f"{each}.") for each in granted)]
