"""Tenants, as a superadmin manages them."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.filter_fields import Op, Search, Text
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.schema import PAGED, shaped
from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.words.errors import Conflict, NotFound
from tenants.api.bodies import TenantBody
from tenants.api.images import data_url
from tenants.models import Tenant
from tenants.services.tenants import create_tenant, delete_tenant, set_tenant_logo, update_tenant
from tenants.shapes import tenant_shape


class TenantFilters(Filters):
    q = Search("id", "name")
    id = Text("id")
    name = Text("name")
    legacy = {"q": ("q", Op.EQUALS)}


SORTS = {"id": "id", "name": "name"}


class TenantsView(InstanceView):
    access = {
        "search": SUPERADMIN,
        "create": create_tenant,
        "show": SUPERADMIN,
        "update": update_tenant,
        "delete": delete_tenant,
        "set_logo": set_tenant_logo,
    }

    @shaped(query=PAGED)
    def search(self, request: Request) -> dict[str, Any]:
        found = Tenant.objects.filter(TenantFilters.matching(self.query)).order_by(*order_of(self.query, SORTS, ["id"]))
        return listed(found, page_of(self.query), tenant_shape)

    @shaped(body=TenantBody)
    def create(self, request: Request) -> dict[str, Any]:
        sent = self.body(TenantBody)
        tenant = create_tenant(self.ctx, tenant_id=sent.id, name=sent.name, settings=sent.kept(request.data))
        return tenant_shape(tenant)

    def show(self, request: Request, tenant_id: str) -> dict[str, Any]:
        found = Tenant.objects.filter(id=tenant_id).first()
        if found is None:
            raise NotFound()
        return tenant_shape(found)

    @shaped(body=TenantBody)
    def update(self, request: Request, tenant_id: str) -> dict[str, Any]:
        sent = self.body(TenantBody)
        if sent.id != tenant_id:
            raise Conflict("a tenant's id never changes")
        settings = sent.kept(request.data)
        return tenant_shape(update_tenant(self.ctx, tenant_id=tenant_id, name=sent.name, settings=settings))

    def delete(self, request: Request, tenant_id: str) -> None:
        delete_tenant(self.ctx, tenant_id=tenant_id)

    def set_logo(self, request: Request, tenant_id: str) -> dict[str, Any]:
        """An image sets the logo, nothing removes it."""
        file = request.FILES.get("logo")
        return tenant_shape(set_tenant_logo(self.ctx, tenant_id=tenant_id, logo=data_url(file)))
