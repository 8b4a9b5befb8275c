"""Which workers a flow may ask for."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.views import TenantView
from control_plane.kernel.permissions import AUTHENTICATED
from workers.queries import group_keys


class SelectorsView(TenantView):
    access = {"tags": AUTHENTICATED}

    def tags(self, request: Request) -> dict[str, Any]:
        """A group takes the jobs that name its key."""
        return {"tags": group_keys()}
