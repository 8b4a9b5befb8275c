"""Roles of a tenant."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.filter_fields import Flag, Op, Search, Text
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.schema import PAGED, shaped
from control_plane.kernel.api.views import TenantView
from iam.api.bodies import Autocomplete, Ids, RoleBody, RoleName
from iam.models import Role
from iam.permissions import ROLE
from iam.services.roles import copy_role, create_role, delete_role, update_role
from iam.shapes import role_shape, role_summary

MOST = 100


class RoleFilters(Filters):
    q = Search("name", "description")
    name = Text("name")
    id = Text("id")
    isManaged = Flag("is_managed")
    legacy = {"q": ("q", Op.EQUALS)}


class RolesView(TenantView):
    access = {
        "search": ROLE.LIST,
        "autocomplete": ROLE.LIST,
        "by_ids": ROLE.LIST,
        "show": ROLE.VIEW,
        "create": create_role,
        "copy": copy_role,
        "update": update_role,
        "delete": delete_role,
    }

    @shaped(query=PAGED)
    def search(self, request: Request) -> dict[str, Any]:
        order = order_of(self.query, {"name": "name", "id": "id"}, ["name"])
        found = Role.objects.filter(RoleFilters.matching(self.query)).order_by(*order)
        return listed(found, page_of(self.query), role_summary)

    def autocomplete(self, request: Request) -> list[dict[str, Any]]:
        sent = self.body(Autocomplete)
        found = Role.objects.filter(name__icontains=sent.q or "").order_by("name")[:MOST]
        kept = Role.objects.filter(id__in=(sent.ids or [])[:MOST])
        return [role_summary(role) for role in {role.id: role for role in [*kept, *found]}.values()]

    def by_ids(self, request: Request) -> list[dict[str, Any]]:
        ids = self.body(Ids).ids or []
        return [role_shape(role) for role in Role.objects.filter(id__in=ids[:MOST]).order_by("name")]

    def show(self, request: Request, role_id: str) -> dict[str, Any]:
        return role_shape(Role.objects.get(id=role_id))

    def create(self, request: Request) -> dict[str, Any]:
        return role_shape(create_role(self.ctx, **self._sent()))

    def copy(self, request: Request, role_id: str) -> dict[str, Any]:
        return role_shape(copy_role(self.ctx, role_id=role_id, name=self.body(RoleName).name))

    def update(self, request: Request, role_id: str) -> dict[str, Any]:
        return role_shape(update_role(self.ctx, role_id=role_id, **self._sent()))

    def delete(self, request: Request, role_id: str) -> None:
        delete_role(self.ctx, role_id=role_id)

    def _sent(self) -> dict[str, Any]:
        sent = self.body(RoleBody)
        return {
            "name": sent.name,
            "description": sent.description or "",
            "permissions": sent.permissions,
            "is_default": bool(sent.is_default),
        }
