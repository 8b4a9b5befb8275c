"""The fleet as people see it: who is there, and how much there is to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from control_plane.kernel.config import config
from control_plane.kernel.presence import present
from control_plane.kernel.scope import across_tenants
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import NotFound
from workers.models import Worker, WorkerGroup

MISSED_BEATS = 3
REMEMBERED = timedelta(days=1)
_TYPES = {"web": "WEBSERVER", "scheduler": "SCHEDULER"}
_LOADS = """
SELECT worker_id, count(*) FILTER (WHERE phase = 'started'), count(*) FILTER (WHERE phase = 'leased')
FROM job WHERE phase <> 'queued' AND group_key = %s GROUP BY worker_id"""
_WAITING = "SELECT count(*) FROM job WHERE phase = 'queued' AND group_key = %s"


@dataclass(frozen=True, slots=True)
class Service:
    """One process of the instance."""

    id: str
    type: str
    state: str
    host: str
    version: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Load:
    """What one worker has in hand."""

    started: int = 0
    leased: int = 0


def services() -> list[Service]:
    """Every process that lives, and workers that fell silent within the last day."""
    servers = [
        Service(each.id, _TYPES[each.role], "RUNNING", each.host, each.version, each.started_at, each.seen_at)
        for each in present()
    ]
    return servers + [
        Service(each.id, "WORKER", state_of(each), each.host, each.version, each.started_at, each.seen_at)
        for each in _joined()
    ]


def _joined() -> QuerySet[Worker]:
    return Worker.objects.filter(left_at=None, seen_at__gte=now() - REMEMBERED).order_by("started_at", "id")


def state_of(worker: Worker) -> str:
    """A worker is believed to live until it has missed some heartbeats. Its leases are judged by themselves."""
    if worker.left_at is not None:
        return "TERMINATED_GRACEFULLY"
    if not _is_heard(worker):
        return "DISCONNECTED"
    return "TERMINATING" if worker.is_draining else "RUNNING"


def _is_heard(worker: Worker) -> bool:
    return now() - worker.seen_at < timedelta(seconds=config().worker.heartbeat_seconds * MISSED_BEATS)


def group_keys() -> list[str]:
    return list(WorkerGroup.objects.order_by("key").values_list("key", flat=True))


def group(key: str) -> WorkerGroup:
    found = WorkerGroup.objects.filter(key=key).first()
    if found is None:
        raise NotFound(f"Worker group '{key}' was not found")
    return found


def living_workers(key: str) -> list[Worker]:
    """Those of a group that are heard."""
    return [worker for worker in _joined().filter(group_id=key) if _is_heard(worker)]


def loads(key: str) -> dict[str, Load]:
    """What each worker of a group has in hand, whichever tenant it is for."""
    with across_tenants("how busy the workers are"), connection.cursor() as cursor:
        cursor.execute(_LOADS, [key])
        return {worker: Load(started, leased) for worker, started, leased in cursor.fetchall()}


def waiting(key: str) -> int:
    """Jobs of a group that nobody has taken."""
    with across_tenants("whether a group has work left"), connection.cursor() as cursor:
        cursor.execute(_WAITING, [key])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
