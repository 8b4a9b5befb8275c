"""What a tenant's own people may see and change of it; the tenant is named in the path like any id."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.schema import shaped
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.permissions import AUTHENTICATED
from tenants.api.bodies import Dashboards
from tenants.queries import tenant
from tenants.services.tenants import set_default_dashboards


class DefaultDashboardsView(TenantView):
    access = {"show": AUTHENTICATED, "update": set_default_dashboards}

    def show(self, request: Request) -> dict[str, Any]:
        return _dashboards(tenant(self.ctx.tenant_id or "").settings)

    @shaped(body=Dashboards)
    def update(self, request: Request) -> dict[str, Any]:
        sent = self.body(Dashboards).model_dump(by_alias=True, exclude_none=True)
        return _dashboards(set_default_dashboards(self.ctx, dashboards=sent).settings)


def _dashboards(settings: dict[str, Any]) -> dict[str, Any]:
    dashboards: dict[str, Any] = settings.get("settings", {}).get("dashboard", {})
    return dashboards
