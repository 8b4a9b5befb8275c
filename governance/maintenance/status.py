"""How far the instance is on its way into maintenance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.db import connection

from control_plane.kernel.scope import across_tenants
from governance.in_force.snapshot import snapshot
from governance.models import Maintenance
from workers.queries import services

_IN_HAND = "SELECT count(*) FROM job WHERE phase <> 'queued'"
_KINDS = {"SCHEDULER": ("SCHEDULER", "EXECUTOR"), "WEBSERVER": ("WEBSERVER",), "WORKER": ("WORKER",)}


def status() -> dict[str, Any]:
    """`ready` is True once no worker has anything in hand; `running` is how much that still is.

    Each process counts as being in maintenance once it no longer begins anything, a worker once its hands are empty.
    """
    is_maintained = Maintenance.objects.exists()
    running = jobs_in_hand()
    return {
        "maintenance": is_maintained,
        "ready": is_maintained and running == 0,
        "running": running,
        "services": _counts(is_maintained, is_idle=running == 0),
    }


def jobs_in_hand() -> int:
    """Jobs that workers have, of all tenants."""
    with across_tenants("how much still runs"), connection.cursor() as cursor:
        cursor.execute(_IN_HAND)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _counts(is_maintained: bool, *, is_idle: bool) -> dict[str, dict[str, int]]:
    alive = Counter(each.type for each in services() if each.state in ("RUNNING", "TERMINATING"))
    counts = {}
    for kind, names in _KINDS.items():
        is_there = is_maintained and (kind != "WORKER" or is_idle)
        for name in names:
            counts[name] = {"total": alive[kind], "inMaintenance": alive[kind] if is_there else 0}
    return counts


def facts() -> Mapping[str, Any]:
    """What every client is told with the configuration."""
    return {"inMaintenance": snapshot.current().is_maintained}
