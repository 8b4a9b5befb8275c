"""Quotas, as whoever sees the settings of a tenant sees how far they are used up."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from governance.quotas.gauges import gauges
from tenants.permissions import TENANT_SETTINGS


class QuotasView(TenantView):
    access = {"search": TENANT_SETTINGS.VIEW}

    def search(self, request: Request) -> list[dict[str, Any]]:
        require(self.ctx, TENANT_SETTINGS.VIEW)
        return gauges(self.ctx.tenant_id or "")
