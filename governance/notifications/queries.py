"""What a person was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from control_plane.kernel.actor import Context
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.words.clock import iso
from governance.models import Notification


def of_actor(ctx: Context) -> QuerySet[Notification]:
    """The newest first. A service account is told nothing."""
    return Notification.objects.filter(user_id=ctx.actor.id).order_by("-updated_at", "-id")


def before(found: QuerySet[Notification], at: datetime, last: str) -> QuerySet[Notification]:
    """Those that come after the last one of a page."""
    return found.filter(Q(updated_at__lt=at) | Q(updated_at=at, id__lt=last))


def notification_shape(notification: Notification) -> dict[str, Any]:
    return without_nulls(
        id=notification.id,
        userId=notification.user_id,
        tenantId=notification.about_tenant,
        type="GENERIC",
        title=notification.title,
        referenceId=notification.reference,
        current=notification.current,
        total=notification.total,
        read=notification.is_read,
        createdDate=iso(notification.created_at),
        updatedDate=iso(notification.updated_at),
    )
