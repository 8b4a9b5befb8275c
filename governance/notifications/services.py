"""What a person has read."""

from __future__ import annotations

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.permissions import AUTHENTICATED
from governance.notifications.queries import of_actor

NOTIFICATION = "NOTIFICATION"


@command(AUTHENTICATED, instance=True)
def mark_notification(ctx: Context, *, notification_id: str, is_read: bool) -> None:
    """One's own alone. One that is not there, or is so already, asks for nothing."""
    if of_actor(ctx).filter(id=notification_id).exclude(is_read=is_read).update(is_read=is_read):
        ctx.record(NOTIFICATION, notification_id, before={"read": not is_read}, after={"read": is_read})


@command(AUTHENTICATED, instance=True)
def mark_all_read(ctx: Context) -> int:
    """How many were unread."""
    count = of_actor(ctx).filter(is_read=False).update(is_read=True)
    if count:
        ctx.record(NOTIFICATION, "", after={"read": count})
    return count
