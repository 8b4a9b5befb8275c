"""Announcements: a superadmin makes them, everybody reads those that are shown."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.views import Answer, InstanceView, TenantView
from control_plane.kernel.permissions import AUTHENTICATED, PUBLIC, SUPERADMIN
from governance.announcements.services import (
    announcement_shape,
    create_announcement,
    delete_announcement,
    shown,
    update_announcement,
)
from governance.api.bodies import BannerBody
from governance.models import Announcement


class BannersView(InstanceView):
    access = {
        "search": SUPERADMIN,
        "create": create_announcement,
        "update": update_announcement,
        "delete": delete_announcement,
        "shown": PUBLIC,
    }

    def search(self, request: Request) -> list[dict[str, Any]]:
        return [announcement_shape(each) for each in Announcement.objects.order_by("-created_at", "-id")]

    def create(self, request: Request) -> dict[str, Any]:
        return announcement_shape(create_announcement(self.ctx, wanted=self.body(BannerBody).wanted))

    def update(self, request: Request, banner_id: str) -> dict[str, Any]:
        wanted = self.body(BannerBody).wanted
        return announcement_shape(update_announcement(self.ctx, announcement_id=banner_id, wanted=wanted))

    def delete(self, request: Request, banner_id: str) -> Answer:
        delete_announcement(self.ctx, announcement_id=banner_id)
        return Answer()

    def shown(self, request: Request) -> list[dict[str, Any]]:
        """What is to be read before anybody has signed in: what is for everybody."""
        return [announcement_shape(each) for each in shown(None)]


class TenantBannersView(TenantView):
    access = {"shown": AUTHENTICATED}

    def shown(self, request: Request) -> list[dict[str, Any]]:
        """What is for everybody, and for the people of this tenant."""
        return [announcement_shape(each) for each in shown(self.ctx.tenant_id)]
