"""Messages of an operator to everybody, or to the people of one tenant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.words.clock import iso_or_none, now
from control_plane.kernel.words.errors import Invalid, NotFound, Violation
from governance.models import Announcement
from governance.permissions import INSTANCE
from tenants.models import Tenant

BANNER = "BANNER"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Without dates it is shown from now on, and until it is taken away."""

    message: str
    type: str = "INFO"
    start_date: datetime | None = None
    end_date: datetime | None = None
    tenant: str | None = None
    is_active: bool = True


def locked_announcement(ctx: Context, *, announcement_id: str) -> Announcement:
    found = Announcement.objects.select_for_update().filter(id=announcement_id).first()
    if found is None:
        raise NotFound(f"Banner '{announcement_id}' was not found")
    return found


@command(INSTANCE.UPDATE, instance=True)
def create_announcement(ctx: Context, *, wanted: Wanted) -> Announcement:
    """Raises Invalid for an unknown tenant, or dates that lie the wrong way."""
    _check(wanted)
    made = Announcement.objects.create(**_columns(wanted))
    ctx.record(INSTANCE.name, made.id, after=announcement_shape(made), kind=BANNER)
    return made


@command(INSTANCE.UPDATE, on=locked_announcement, instance=True)
def update_announcement(ctx: Context, *, announcement_id: str, wanted: Wanted) -> Announcement:
    _check(wanted)
    changed = ctx.target_as(Announcement)
    before = announcement_shape(changed)
    for name, value in _columns(wanted).items():
        setattr(changed, name, value)
    changed.save()
    ctx.record(INSTANCE.name, changed.id, before=before, after=announcement_shape(changed), kind=BANNER)
    return changed


@command(INSTANCE.UPDATE, on=locked_announcement, instance=True)
def delete_announcement(ctx: Context, *, announcement_id: str) -> None:
    gone = ctx.target_as(Announcement)
    ctx.record(INSTANCE.name, gone.id, before=announcement_shape(gone), kind=BANNER)
    gone.delete()


def shown(tenant: str | None) -> QuerySet[Announcement]:
    """What is to be read now: by everybody, and by the people of this tenant."""
    at = now()
    return Announcement.objects.filter(
        Q(start_date=None) | Q(start_date__lte=at),
        Q(end_date=None) | Q(end_date__gt=at),
        Q(only_for=None) | Q(only_for=tenant),
        is_active=True,
    ).order_by("created_at", "id")


def announcement_shape(announcement: Announcement) -> dict[str, Any]:
    return without_nulls(
        id=announcement.id,
        message=announcement.message,
        type=announcement.type,
        startDate=iso_or_none(announcement.start_date),
        endDate=iso_or_none(announcement.end_date),
        tenantId=announcement.only_for,
        active=announcement.is_active,
    )


def _columns(wanted: Wanted) -> dict[str, Any]:
    return {
        "message": wanted.message,
        "type": wanted.type,
        "start_date": wanted.start_date,
        "end_date": wanted.end_date,
        "only_for": wanted.tenant,
        "is_active": wanted.is_active,
    }


def _check(wanted: Wanted) -> None:
    violations = []
    if wanted.tenant is not None and not Tenant.objects.filter(id=wanted.tenant).exists():
        violations.append(Violation(f"there is no tenant {wanted.tenant}", "tenantId"))
    if wanted.start_date and wanted.end_date and wanted.end_date <= wanted.start_date:
        violations.append(Violation("it must end after it starts", "endDate"))
    if violations:
        raise Invalid(violations=violations)
