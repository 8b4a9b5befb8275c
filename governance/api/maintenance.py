"""Maintenance: entered and left by a superadmin, seen by everybody."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import AUTHENTICATED
from governance.maintenance.services import enter_maintenance, exit_maintenance
from governance.maintenance.status import status


class MaintenanceView(InstanceView):
    access = {"enter": enter_maintenance, "exit": exit_maintenance, "status": AUTHENTICATED}

    def enter(self, request: Request) -> dict[str, Any]:
        enter_maintenance(self.ctx)
        return {}

    def exit(self, request: Request) -> dict[str, Any]:
        exit_maintenance(self.ctx)
        return {}

    def status(self, request: Request) -> dict[str, Any]:
        return status()
