"""Which workers a flow may ask for."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.views import TenantView
from control_plane.kernel.permissions import AUTHENTICATED
from workers.queue.routing import read_fleet


class SelectorsView(TenantView):
    access = {"tags": AUTHENTICATED}

    def tags(self, request: Request) -> dict[str, Any]:
        """Those of the queues that serve this tenant."""
        return {"tags": read_fleet().tags(self.ctx.tenant_id or "")}
