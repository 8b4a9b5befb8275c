"""Which queues a group takes jobs of, and how much of its workers is kept for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import after_commit
from control_plane.kernel.words.errors import Conflict, Invalid, NotFound, Violation
from workers.models import DEFAULT_GROUP, Subscription, WorkerGroup, WorkerQueue
from workers.permissions import WORKER_GROUP
from workers.queue.lines import DEFAULT_QUEUE
from workers.queue.routing import snapshot
from workers.services.own_lines import let_strangers_of_groups_go
from workers.services.tokens import locked_group
from workers.shapes import group_audited

ELASTIC = "ELASTIC"


@dataclass(frozen=True, slots=True)
class WantedQueue:
    """An edge from a group to a queue, as somebody wants it."""

    queue: str
    percent: int = 0
    mode: str = ELASTIC


@command(WORKER_GROUP.UPDATE, on=locked_group, instance=True)
def add_subscription(ctx: Context, *, key: str, wanted: WantedQueue) -> WorkerGroup:
    """Conflict when the group takes jobs of that queue already."""
    group = ctx.target_as(WorkerGroup)
    before = group_audited(group)
    edges = _edges(group)
    if any(each.queue == wanted.queue for each in edges):
        raise Conflict(f"the worker group '{key}' subscribes to the worker queue '{wanted.queue}' already")
    return _written(ctx, group, before, [*edges, wanted])


@command(WORKER_GROUP.UPDATE, on=locked_group, instance=True)
def reserve(ctx: Context, *, key: str, queue_id: str, percent: int) -> WorkerGroup:
    """Keep another part of the group's workers for one of its queues."""
    group = ctx.target_as(WorkerGroup)
    before, kept = group_audited(group), _own_edge(group, queue_id)
    others = [each for each in _edges(group) if each.queue != queue_id]
    return _written(ctx, group, before, [*others, WantedQueue(queue_id, percent, kept.mode)])


@command(WORKER_GROUP.UPDATE, on=locked_group, instance=True)
def remove_subscription(ctx: Context, *, key: str, queue_id: str) -> WorkerGroup:
    """The queue stays; what waits in it waits for others."""
    group = ctx.target_as(WorkerGroup)
    before = group_audited(group)
    _own_edge(group, queue_id)
    return _written(ctx, group, before, [each for each in _edges(group) if each.queue != queue_id])


def replace_subscriptions(group: WorkerGroup, wanted: Sequence[WantedQueue]) -> None:
    """All of them at once. Invalid for a queue that is not there, one named twice, or more than there is to reserve."""
    if group.key == DEFAULT_GROUP and all(each.queue != DEFAULT_QUEUE for each in wanted):
        raise Conflict("the default worker group takes the jobs of the default worker queue: somebody has to")
    _check(wanted)
    group.subscriptions.exclude(queue_id__in=[each.queue for each in wanted]).delete()
    for each in wanted:
        group.subscriptions.update_or_create(
            queue_id=each.queue, defaults={"reserved_percent": each.percent, "mode": each.mode}
        )
    let_strangers_of_groups_go([group.key])
    after_commit(snapshot.forget)


def _written(ctx: Context, group: WorkerGroup, before: dict[str, object], wanted: Sequence[WantedQueue]) -> WorkerGroup:
    replace_subscriptions(group, wanted)
    ctx.record(WORKER_GROUP.name, group.key, before=before, after=group_audited(group))
    return group


def _edges(group: WorkerGroup) -> list[WantedQueue]:
    rows = group.subscriptions.order_by("queue_id")
    return [WantedQueue(row.queue_id, row.reserved_percent, row.mode) for row in rows]


def _own_edge(group: WorkerGroup, queue_id: str) -> Subscription:
    found = group.subscriptions.filter(queue_id=queue_id).first()
    if found is None:
        raise NotFound(f"The worker group '{group.key}' does not subscribe to the worker queue '{queue_id}'")
    return found


def _check(wanted: Sequence[WantedQueue]) -> None:
    names = [each.queue for each in wanted]
    known = set(WorkerQueue.objects.filter(id__in=names).values_list("id", flat=True))
    violations = [
        Violation(f"there is no worker queue `{name[:63]}`", f"subscriptions[{place}].workerQueueId")
        for place, name in enumerate(names)
        if name not in known
    ]
    if len(set(names)) < len(names):
        violations.append(Violation("a queue is named twice", "subscriptions"))
    if sum(each.percent for each in wanted) > 100:
        violations.append(Violation("more than 100 percent are reserved", "subscriptions"))
    if violations:
        raise Invalid(violations=violations)
