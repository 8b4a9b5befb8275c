"""The licence as clients of an edition with one ask for it: this one is open, and never ends."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.views import Answer, InstanceView
from control_plane.kernel.permissions import AUTHENTICATED, SUPERADMIN


class LicenseView(InstanceView):
    access = {"show": AUTHENTICATED, "refresh": SUPERADMIN}

    def show(self, request: Request) -> dict[str, Any]:
        return {"type": "OPEN_SOURCE", "expired": False, "standalone": False, "workerGroups": True, "online": False}

    def refresh(self, request: Request) -> Answer:
        """There is nothing to fetch: what is told above holds for ever."""
        return Answer(None, 200)
