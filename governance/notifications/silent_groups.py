"""Tells superadmins of a worker group whose work waits while no worker is there to take it."""

from __future__ import annotations

from django.db import connection

from control_plane.kernel.scope import across_tenants, instance_scope
from governance.notifications.telling import notify
from iam.models import User
from workers.queries import living_workers

PATIENCE = 300.0
_WAITING = """
SELECT group_key, min(due_at) FROM job WHERE phase = 'queued' GROUP BY group_key
HAVING min(due_at) < clock_timestamp() - make_interval(secs => %s) ORDER BY group_key"""


def tell_of_silent_groups() -> bool:
    """One notification for each silence: it is told again when work has waited anew."""
    silent = [(group, since) for group, since in _waiting() if not _has_workers(group)]
    if silent:
        with instance_scope():
            superadmins = list(User.objects.filter(is_superadmin=True).values_list("id", flat=True))
            for group, since in silent:
                title = f"Work waits in the worker group {group}, and no worker has been there for 5 minutes"
                notify(superadmins, title, reference=f"silent:{group}:{since}")
    return False


def _waiting() -> list[tuple[str, str]]:
    """Groups in which something has waited for long, and since when."""
    with across_tenants("worker groups in which work waits"), connection.cursor() as cursor:
        cursor.execute(_WAITING, [PATIENCE])
        return [(group, since.isoformat()) for group, since in cursor.fetchall()]


def _has_workers(group: str) -> bool:
    with instance_scope():
        return bool(living_workers(group))
