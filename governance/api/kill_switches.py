"""Kill switches, as a superadmin throws and lifts them."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.views import Answer, InstanceView
from control_plane.kernel.permissions import SUPERADMIN
from governance.api.bodies import KillSwitchBody
from governance.kill_switches.services import create_kill_switch, delete_kill_switch, update_kill_switch
from governance.kill_switches.shapes import switch_shape
from governance.models import KillSwitch


class KillSwitchesView(InstanceView):
    access = {
        "search": SUPERADMIN,
        "create": create_kill_switch,
        "update": update_kill_switch,
        "delete": delete_kill_switch,
    }

    def search(self, request: Request) -> list[dict[str, Any]]:
        """The newest first, those that were deleted too."""
        return [switch_shape(each) for each in KillSwitch.objects.order_by("-created_at", "-id")]

    def create(self, request: Request) -> dict[str, Any]:
        return switch_shape(create_kill_switch(self.ctx, wanted=self.body(KillSwitchBody).wanted))

    def update(self, request: Request, switch_id: str) -> dict[str, Any]:
        wanted = self.body(KillSwitchBody).wanted
        return switch_shape(update_kill_switch(self.ctx, switch_id=switch_id, wanted=wanted))

    def delete(self, request: Request, switch_id: str) -> Answer:
        delete_kill_switch(self.ctx, switch_id=switch_id)
        return Answer()
