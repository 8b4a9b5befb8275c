"""The fleet as people see it: who is there, and how much there is to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Prefetch, QuerySet

from control_plane.kernel.config import config
from control_plane.kernel.presence import present
from control_plane.kernel.scope import across_tenants
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import NotFound
from workers.models import Subscription, Worker, WorkerGroup, WorkerGroupToken, WorkerQueue
from workers.queue.routing import MISSED_BEATS

REMEMBERED = timedelta(days=1)
_TYPES = {"web": "WEBSERVER", "scheduler": "SCHEDULER"}
_LOADS = """
SELECT worker_id, group_key, count(*) FILTER (WHERE phase = 'started'), count(*) FILTER (WHERE phase = 'leased')
FROM job WHERE phase <> 'queued' AND worker_id = ANY(%s) GROUP BY worker_id, group_key"""
_WAITING = "SELECT count(*) FROM job WHERE phase = 'queued' AND group_key = %s"
_UNENDED = "SELECT count(*) FROM job WHERE group_key = %s"
_LINES = "SELECT group_key, count(*), min(due_at) FROM job WHERE phase = 'queued' GROUP BY group_key"


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
    load: Mapping[str, float] = field(default_factory=dict)
    configuration: Mapping[str, str | int | float | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Load:
    """What one worker has in hand, of all lines or of one."""

    started: int = 0
    leased: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs of a line that nobody has taken, and since when the oldest of them is due."""

    count: int = 0
    oldest: datetime | None = None


def services() -> list[Service]:
    """Every process that has not left: those that fell silent are shown as such for a while."""
    servers = [
        Service(
            id=each.id,
            type=_TYPES[each.role],
            state="RUNNING" if each.is_heard else "DISCONNECTED",
            host=each.host,
            version=each.version,
            started_at=each.started_at,
            seen_at=each.seen_at,
            load=each.load,
            configuration=each.configuration,
        )
        for each in present()
    ]
    return servers + [
        Service(
            each.id,
            "WORKER",
            state_of(each),
            each.host,
            each.version,
            each.started_at,
            each.seen_at,
            {
                "worker.slots": float(each.slots),
                "worker.jobs.ended": float(each.ended),
                "worker.jobs.rate": each.ended_rate,
            },
            {"group": each.group_id, "name": each.name, "pid": each.pid},
        )
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


def groups() -> QuerySet[WorkerGroup]:
    """With all that is shown of each, in a few queries for however many."""
    tokens = WorkerGroupToken.objects.order_by("created_at", "id").prefetch_related("workers")
    edges = Subscription.objects.order_by("queue_id").select_related("queue")
    found = WorkerGroup.objects.order_by("key")
    return found.prefetch_related(Prefetch("tokens", tokens), Prefetch("subscriptions", edges))


def group(key: str) -> WorkerGroup:
    found = groups().filter(key=key).first()
    if found is None:
        raise NotFound(f"Worker group '{key}' was not found")
    return found


def queue_of(queue_id: str) -> WorkerQueue:
    found = WorkerQueue.objects.filter(id=queue_id).first()
    if found is None:
        raise NotFound(f"Worker queue '{queue_id}' was not found")
    return found


def subscribers(queue_id: str) -> QuerySet[WorkerGroup]:
    """The groups that take the jobs of a queue."""
    return WorkerGroup.objects.filter(subscriptions__queue_id=queue_id).order_by("key")


def all_living() -> list[Worker]:
    """Workers of all groups that are heard."""
    return [worker for worker in _joined() if _is_heard(worker)]


def joined_workers() -> QuerySet[Worker]:
    """Those that have joined within the last day, or are heard, and have not left; the newest first."""
    return _joined().order_by("-started_at", "-id")


def joined_worker(worker_id: str) -> Worker:
    found = Worker.objects.filter(id=worker_id).first()
    if found is None:
        raise NotFound(f"Worker '{worker_id}' was not found")
    return found


def living_workers(key: str) -> list[Worker]:
    """Those of a group that are heard."""
    return [worker for worker in _joined().filter(group_id=key) if _is_heard(worker)]


Loads = Mapping[str, Mapping[str, Load]]
"""Of each worker, by line."""


def loads(workers: Iterable[Worker]) -> Loads:
    """What each of these has in hand, whichever tenant it is for."""
    found: dict[str, dict[str, Load]] = {worker.id: {} for worker in workers}
    with across_tenants("how busy the workers are"), connection.cursor() as cursor:
        cursor.execute(_LOADS, [list(found)])
        for worker, line, started, leased in cursor.fetchall():
            found[worker][line] = Load(started, leased)
    return found


def waiting_in(line: str) -> int:
    """Jobs of a line that nobody has taken."""
    return _count(_WAITING, line)


def unended_in(line: str) -> int:
    """Jobs of a line, those in workers' hands included."""
    return _count(_UNENDED, line)


def waiting() -> dict[str, Waiting]:
    """All lines in which something waits."""
    with across_tenants("how much waits for which workers"), connection.cursor() as cursor:
        cursor.execute(_LINES)
        return {line: Waiting(count, oldest) for line, count, oldest in cursor.fetchall()}


def _count(statement: str, line: str) -> int:
    with across_tenants("whether a line has work left"), connection.cursor() as cursor:
        cursor.execute(statement, [line])
        row = cursor.fetchone()
    return int(row[0]) if row else 0
