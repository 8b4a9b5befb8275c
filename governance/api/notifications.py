"""What somebody was told: newest first, in pages, or since a moment."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.query import moment, number, required
from control_plane.kernel.api.views import Answer, InstanceView
from control_plane.kernel.permissions import AUTHENTICATED
from control_plane.kernel.words.clock import iso, now, parse_iso
from control_plane.kernel.words.errors import BadParameter
from governance.models import Notification
from governance.notifications.queries import before, notification_shape, of_actor
from governance.notifications.services import mark_all_read, mark_notification

MOST = 100


class NotificationsView(InstanceView):
    access = {
        "history": AUTHENTICATED,
        "since": AUTHENTICATED,
        "unread": AUTHENTICATED,
        "read_all": mark_all_read,
        "read": mark_notification,
        "keep_unread": mark_notification,
    }

    def history(self, request: Request) -> dict[str, Any]:
        limit = number(self.query, "limit", 20, at_least=1, at_most=MOST)
        found = of_actor(self.ctx)
        if cursor := self.query.get("before"):
            found = before(found, *_place(cursor))
        page = list(found[: limit + 1])
        answer: dict[str, Any] = {
            "notifications": [notification_shape(each) for each in page[:limit]],
            "serverTime": iso(now()),
        }
        return answer | {"nextCursor": _cursor(page[limit - 1])} if len(page) > limit else answer

    def since(self, request: Request) -> dict[str, Any]:
        at = now()
        found = of_actor(self.ctx).filter(
            updated_at__gt=moment("since", required(self.query, "since")), updated_at__lte=at
        )[:MOST]
        return {"notifications": [notification_shape(each) for each in found], "serverTime": iso(at)}

    def unread(self, request: Request) -> int:
        return of_actor(self.ctx).filter(is_read=False).count()

    def read_all(self, request: Request) -> dict[str, int]:
        return {"updated": mark_all_read(self.ctx)}

    def read(self, request: Request, notification_id: str) -> Answer:
        mark_notification(self.ctx, notification_id=notification_id, is_read=True)
        return Answer()

    def keep_unread(self, request: Request, notification_id: str) -> Answer:
        mark_notification(self.ctx, notification_id=notification_id, is_read=False)
        return Answer()


def _cursor(last: Notification) -> str:
    return base64.urlsafe_b64encode(f"{last.updated_at.isoformat()} {last.id}".encode()).decode().rstrip("=")


def _place(cursor: str) -> tuple[datetime, str]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, last = text.partition(" ")
        return parse_iso(at), last
    except (binascii.Error, ValueError):
        raise BadParameter("before: a cursor that an earlier page gave is expected") from None
