"""When the policies are carried out by themselves: every night."""

from __future__ import annotations

from datetime import datetime, timedelta

from audit.recording.trail import Action, append
from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import now
from governance.conf import RETENTION
from governance.models import RetentionPolicy, RetentionRun
from governance.retention.runs import AnotherRuns, begin, opening
from tenants.models import Tenant


def begin_due_runs() -> bool:
    """One of each tenant a night, also when it was slept through. Safe if two do it at once."""
    since = _last_night(now())
    with instance_scope():
        tenants = list(Tenant.objects.order_by("id").values_list("id", flat=True))
    for tenant in tenants:
        with tenant_scope(tenant):
            if _is_due(since):
                _begin(tenant)
    return False


def _begin(tenant: str) -> None:
    try:
        run = begin("", SYSTEM)
    except AnotherRuns:
        return  # somebody asked for one, and tonight's follows it
    append(Context(SYSTEM, tenant), [opening(run)], action=Action.CREATE, by="governance.retention.timing")


def _last_night(at: datetime) -> datetime:
    tonight = at.replace(hour=RETENTION.hour, minute=0, second=0, microsecond=0)
    return tonight if tonight <= at else tonight - timedelta(days=1)


def _is_due(since: datetime) -> bool:
    """A policy that was written since then waits for the next night: nobody is surprised in the minute of saving."""
    if not RetentionPolicy.objects.filter(updated_at__lt=since).exists():
        return False
    return not RetentionRun.objects.filter(namespace="", started_at__gte=since).exists()
