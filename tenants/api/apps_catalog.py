"""How the catalogue of apps of a tenant looks: everybody in the tenant sees it, a superadmin chooses it."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.schema import shaped
from control_plane.kernel.api.views import Answer, TenantView
from control_plane.kernel.permissions import AUTHENTICATED
from tenants.api.bodies import AppsCatalog
from tenants.api.images import data_url
from tenants.queries import tenant
from tenants.services.tenants import set_apps_catalog, set_apps_catalog_logo
from tenants.shapes import apps_catalog_shape


class AppsCatalogView(TenantView):
    access = {
        "show": AUTHENTICATED,
        "update": set_apps_catalog,
        "set_logo": set_apps_catalog_logo,
        "delete_logo": set_apps_catalog_logo,
    }

    def show(self, request: Request) -> dict[str, Any]:
        return apps_catalog_shape(tenant(self.ctx.tenant_id or ""))

    @shaped(body=AppsCatalog)
    def update(self, request: Request) -> dict[str, Any]:
        sent = self.body(AppsCatalog).model_dump(by_alias=True, exclude_none=True)
        return apps_catalog_shape(set_apps_catalog(self.ctx, catalog=sent))

    def set_logo(self, request: Request) -> dict[str, Any]:
        """An image sets the logo, nothing removes it."""
        logo = data_url(request.FILES.get("logo"))
        return apps_catalog_shape(set_apps_catalog_logo(self.ctx, logo=logo))

    def delete_logo(self, request: Request) -> Answer:
        set_apps_catalog_logo(self.ctx, logo=None)
        return Answer(None, 200)
