"""Roles: sets of permissions, never larger than those of whoever writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import Conflict, NotFound
from control_plane.kernel.words.names import check_name
from iam.access import require_held
from iam.authorization import versions
from iam.authorization.catalogue import expand
from iam.authorization.roles import permissions_of
from iam.models import Role
from iam.permissions import ROLE
from iam.shapes import role_shape


def locked_role(ctx: Context, *, role_id: str) -> Target:
    role = Role.objects.select_for_update().filter(id=role_id).first()
    if role is None:
        raise NotFound()
    return Target(role)


@command(ROLE.CREATE)
def create_role(
    ctx: Context, *, name: str, description: str = "", permissions: Mapping[str, list[str]], is_default: bool = False
) -> Role:
    """Create a role. Forbidden when it holds more than its maker does."""
    expanded = expand(permissions)
    require_held(ctx, expanded)
    return _make(ctx, name, description, expanded, is_default)


@command(ROLE.CREATE, on=locked_role)
def copy_role(ctx: Context, *, role_id: str, name: str) -> Role:
    """Make a role that holds what another one holds now; a managed one is changed by copying it."""
    source = ctx.target_as(Role)
    require_held(ctx, permissions_of(source))
    return _make(ctx, name, source.description, permissions_of(source), is_default=False)


def _make(ctx: Context, name: str, description: str, permissions: dict[str, list[str]], is_default: bool) -> Role:
    name = check_name("name", name)
    role = Role.objects.create(name=name, description=description, permissions=permissions, is_default=is_default)
    ctx.record("ROLE", role.id, after=role_shape(role))
    return role


@command(ROLE.UPDATE, on=locked_role)
def update_role(
    ctx: Context,
    *,
    role_id: str,
    name: str,
    description: str = "",
    permissions: Mapping[str, list[str]],
    is_default: bool = False,
) -> Role:
    """Replace a role; whoever holds it holds the new permissions from the next request on."""
    role = _changeable(ctx.target_as(Role))
    before, expanded = role_shape(role), expand(permissions)
    require_held(ctx, expanded)
    role.name, role.description, role.permissions, role.is_default = (
        check_name("name", name),
        description,
        expanded,
        is_default,
    )
    role.save(update_fields=["name", "description", "permissions", "is_default"])
    versions.move_tenant(current_tenant())
    ctx.record("ROLE", role.id, before=before, after=role_shape(role))
    return role


@command(ROLE.DELETE, on=locked_role)
def delete_role(ctx: Context, *, role_id: str) -> None:
    """Remove a role and every binding of it."""
    role = _changeable(ctx.target_as(Role))
    before: dict[str, Any] = role_shape(role)
    role.delete()
    versions.move_tenant(current_tenant())
    ctx.record("ROLE", role_id, before=before)


def _changeable(role: Role) -> Role:
    if role.is_managed:
        raise Conflict("a managed role does not change")
    return role
