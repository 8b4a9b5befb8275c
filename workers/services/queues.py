"""Worker queues: made, changed, deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import after_commit
from control_plane.kernel.words.errors import BadParameter, Conflict, Invalid, NotFound, Violation
from plugins.contracts.worker_selectors import LONGEST_TAG, MOST_TAGS, is_tag
from tenants.models import Tenant
from workers.models import WorkerQueue
from workers.permissions import WORKER_QUEUE
from workers.queries import waiting_in
from workers.queue.lines import DEFAULT_QUEUE, line_of
from workers.queue.queue import let_strangers_go
from workers.queue.routing import snapshot
from workers.services.own_lines import let_strangers_of_groups_go
from workers.shapes import queue_audited

_ID = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class QueueInUse(Conflict):
    """The worker queue is in use."""

    code = "worker_queue_in_use"


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that a person says of a queue. Without tenants it serves all."""

    tags: Sequence[str]
    name: str = ""
    description: str = ""
    tenants: Sequence[str] = ()


def locked_queue(ctx: Context, *, queue_id: str) -> WorkerQueue:
    found = WorkerQueue.objects.select_for_update().filter(id=queue_id).first()
    if found is None:
        raise NotFound(f"Worker queue '{queue_id}' was not found")
    return found


@command(WORKER_QUEUE.CREATE, instance=True)
def create_queue(ctx: Context, *, queue_id: str, wanted: Wanted) -> WorkerQueue:
    """A line of jobs. Nobody takes them until a group subscribes to it."""
    if not _ID.fullmatch(queue_id):
        sentence = "an id has at most 63 lower case letters, digits and hyphens inside"
        raise Invalid(violations=[Violation(sentence, "id")])
    _check(wanted)
    if WorkerQueue.objects.filter(id=queue_id).exists():
        raise Conflict(f"there is a worker queue {queue_id} already")
    queue = WorkerQueue(id=queue_id)
    _take(queue, wanted)
    queue.save(force_insert=True)
    ctx.record(WORKER_QUEUE.name, queue_id, after=queue_audited(queue))
    after_commit(snapshot.forget)
    return queue


@command(WORKER_QUEUE.UPDATE, on=locked_queue, instance=True)
def update_queue(ctx: Context, *, queue_id: str, wanted: Wanted) -> WorkerQueue:
    """Replace all but its id. What waits for a tenant that it no longer serves looks for another line."""
    _check(wanted)
    if queue_id == DEFAULT_QUEUE:
        raise BadParameter("the default worker queue takes whatever asks for no workers, and stays as it is")
    queue = ctx.target_as(WorkerQueue)
    before = queue_audited(queue)
    _take(queue, wanted)
    queue.save()
    ctx.record(WORKER_QUEUE.name, queue_id, before=before, after=queue_audited(queue))
    if queue.allowed_tenants:
        let_strangers_go(line_of(queue_id), queue.allowed_tenants)
    let_strangers_of_groups_go(queue.subscriptions.values_list("group_id", flat=True))
    after_commit(snapshot.forget)
    return queue


@command(WORKER_QUEUE.DELETE, on=locked_queue, instance=True)
def delete_queue(ctx: Context, *, queue_id: str) -> None:
    """Only one that no group serves and in which nothing waits."""
    if queue_id == DEFAULT_QUEUE:
        raise BadParameter("the default worker queue cannot be deleted")
    queue = ctx.target_as(WorkerQueue)
    if queue.subscriptions.exists():
        raise QueueInUse(f"a worker group still subscribes to the worker queue '{queue_id}'")
    left = waiting_in(line_of(queue_id))
    if left:
        raise QueueInUse(f"{left} jobs wait in the worker queue '{queue_id}'")
    ctx.record(WORKER_QUEUE.name, queue_id, before=queue_audited(queue))
    queue.delete()
    after_commit(snapshot.forget)


def _take(queue: WorkerQueue, wanted: Wanted) -> None:
    queue.name, queue.description = wanted.name, wanted.description
    queue.tags = sorted(set(wanted.tags))
    queue.allowed_tenants = sorted(set(wanted.tenants))


def _check(wanted: Wanted) -> None:
    violations = list(_violations(wanted))
    if violations:
        raise Invalid(violations=violations)


def _violations(wanted: Wanted) -> Iterator[Violation]:
    if not wanted.tags or len(wanted.tags) > MOST_TAGS:
        yield Violation(f"a queue has between 1 and {MOST_TAGS} tags", "tags")
    for tag in wanted.tags:
        if not is_tag(tag):
            sentence = f"a tag has at most {LONGEST_TAG} lower case letters, digits and hyphens inside"
            yield Violation(sentence, "tags", invalid_value=tag[:100])
    known = set(Tenant.objects.filter(id__in=list(wanted.tenants)).values_list("id", flat=True))
    for tenant in sorted(set(wanted.tenants) - known):
        yield Violation(f"there is no tenant {tenant[:63]}", "allowedTenants")
