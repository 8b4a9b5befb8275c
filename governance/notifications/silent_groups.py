"""Tells superadmins of work that waits while no worker is there to take it."""

from __future__ import annotations

from django.db import connection

from control_plane.kernel.scope import across_tenants, instance_scope
from governance.notifications.telling import notify
from iam.models import User
from workers.queue.lines import UNROUTED, queue_in
from workers.queue.routing import read_fleet

PATIENCE = 300.0
_WAITING = """
SELECT group_key, min(due_at) FROM job WHERE phase = 'queued' GROUP BY group_key
HAVING min(due_at) < clock_timestamp() - make_interval(secs => %s) ORDER BY group_key"""


def tell_of_silent_groups() -> bool:
    """One notification for each silence: it is told again when work has waited anew."""
    waiting = _waiting()
    if not waiting:
        return False
    with instance_scope():
        fleet = read_fleet()
        silent = [(line, since) for line, since in waiting if not fleet.has_workers(line)]
        superadmins = list(User.objects.filter(is_superadmin=True).values_list("id", flat=True)) if silent else []
        for line, since in silent:
            title = f"Work waits {_place(line)}, and no worker has been there for 5 minutes"
            notify(superadmins, title, reference=f"silent:{line}:{since}")
    return False


def _place(line: str) -> str:
    if line == UNROUTED:
        return "for tags that no worker queue has"
    queue = queue_in(line)
    named_group = queue is None or line == queue
    return f"in the worker group {line}" if named_group else f"in the worker queue {queue}"


def _waiting() -> list[tuple[str, str]]:
    """Lines in which something has waited for long, and since when."""
    with across_tenants("lines in which work waits"), connection.cursor() as cursor:
        cursor.execute(_WAITING, [PATIENCE])
        return [(line, since.isoformat()) for line, since in cursor.fetchall()]
