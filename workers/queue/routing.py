"""Where a job waits: the line of the queue or group that its flow asks for, and who serves which line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import DatabaseError, InterfaceError

from control_plane.kernel.config import config
from control_plane.kernel.scope import instance_scope, tenant_or_none
from control_plane.kernel.snapshots import Snapshot
from control_plane.kernel.words.clock import now
from plugins.contracts.worker_selectors import WantedWorkers
from workers.models import DEFAULT_GROUP, Subscription, Worker, WorkerGroup, WorkerQueue
from workers.queue.lines import UNROUTED, Subscribed, allowed_at, line_of, queue_in

MISSED_BEATS = 3


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line as flows may choose it. `groups` are those that take its jobs; `tenants` empty means all."""

    key: str
    tags: frozenset[str] = frozenset()
    tenants: frozenset[str] = frozenset()
    groups: tuple[str, ...] = ()
    is_served: bool = False
    """Whether a worker of one of these groups is heard."""

    def allows(self, tenant: str) -> bool:
        return not self.tenants or tenant in self.tenants


@dataclass(frozen=True, slots=True)
class Fleet:
    """All lines, by key."""

    lines: Mapping[str, KnownLine] = field(default_factory=dict)

    def groups_of(self, line: str) -> tuple[str, ...]:
        """Whose workers are to be woken for a job of this line."""
        known = self.lines.get(line)
        if known is not None:
            return known.groups
        return () if line != DEFAULT_GROUP and queue_in(line) is not None else (line,)

    def has_workers(self, line: str) -> bool:
        known = self.lines.get(line)
        return known is not None and known.is_served

    def choose(self, tenant: str, wanted: WantedWorkers) -> KnownLine | None:
        """The line of the group, or of the queue, that somebody asks for; None when this tenant has no such one.

        Of several queues that fit: one that is served, then the one with the fewest tags.
        """
        if wanted.key:
            known = self.lines.get(wanted.key)
            return known if known is not None and known.allows(tenant) else None
        fits = [line for line in self.lines.values() if line.allows(tenant) and _fits(line.tags, wanted)]
        return min(fits, key=lambda line: (not line.is_served, len(line.tags), line.key), default=None)

    def tags(self, tenant: str) -> list[str]:
        """All that flows of a tenant may choose by."""
        return sorted({tag for line in self.lines.values() if line.allows(tenant) for tag in line.tags})


@dataclass(frozen=True, slots=True)
class Route:
    """A line, and what becomes of the job when nobody serves it; empty: it waits."""

    line: str
    fallback: str = ""


def route(tenant: str, wanted: WantedWorkers | None) -> Route:
    """Where a job of a tenant is to wait now."""
    if wanted is None:
        return Route(DEFAULT_GROUP)
    fleet = snapshot.current()
    chosen = fleet.choose(tenant, wanted)
    if wanted.what_then == "IGNORE" and (chosen is None or not chosen.is_served):
        return Route(DEFAULT_GROUP)
    fallback = "" if wanted.what_then == "WAIT" else wanted.what_then
    return Route(chosen.key if chosen is not None else UNROUTED, fallback)


def read_fleet() -> Fleet:
    """As the database has it now, in the open scope or one of the instance."""
    with nullcontext() if tenant_or_none() is not None else instance_scope():
        queues = {queue.id: queue for queue in WorkerQueue.objects.all()}
        groups = list(WorkerGroup.objects.order_by("key").values_list("key", flat=True))
        edges = list(Subscription.objects.order_by("group_id", "queue_id"))
        alive = frozenset(_alive_groups())
    takers: dict[str, list[str]] = {line_of(queue): [] for queue in queues} | {key: [key] for key in groups}
    own: dict[str, list[Subscribed]] = {key: [] for key in groups}
    for edge in edges:
        queue, line = queues[edge.queue_id], line_of(edge.queue_id)
        if edge.group_id not in takers[line]:
            takers[line].append(edge.group_id)
        own[edge.group_id].append(Subscribed(queue.id, edge.reserved_percent, edge.mode, tuple(queue.allowed_tenants)))
    lines = [_group_line(key, takers[key], own[key], alive) for key in groups]
    lines += [_queue_line(queue, takers[line_of(queue.id)], alive) for queue in queues.values()]
    return Fleet({line.key: line for line in lines})


def _group_line(key: str, takers: Iterable[str], own: list[Subscribed], alive: frozenset[str]) -> KnownLine:
    return KnownLine(key, frozenset(), frozenset(allowed_at(own)), tuple(takers), not alive.isdisjoint(takers))


def _queue_line(queue: WorkerQueue, takers: Iterable[str], alive: frozenset[str]) -> KnownLine:
    groups = tuple(takers)
    tags, tenants = frozenset(queue.tags), frozenset(queue.allowed_tenants)
    return KnownLine(line_of(queue.id), tags, tenants, groups, not alive.isdisjoint(groups))


def _alive_groups() -> Iterable[str]:
    since = now() - timedelta(seconds=config().worker.heartbeat_seconds * MISSED_BEATS)
    heard = Worker.objects.filter(left_at=None, is_draining=False, seen_at__gte=since)
    return heard.values_list("group_id", flat=True).distinct()


def _fits(tags: frozenset[str], wanted: WantedWorkers) -> bool:
    asked = set(wanted.tags)
    return not asked.isdisjoint(tags) if wanted.matches_any else bool(tags) and asked <= tags


snapshot = Snapshot(read_fleet, Fleet())


def takers(lines: Iterable[str]) -> Counter[str]:
    """The groups whose workers are to be woken, each as often as a job was put into a line of theirs."""
    try:
        fleet = snapshot.current()
    except (DatabaseError, InterfaceError):
        # A ticket is a hint: whoever looks for work finds the job without it.
        fleet = Fleet()
    return Counter(group for line in lines for group in fleet.groups_of(line))
