"""Worker groups: made, changed, deleted."""

from __future__ import annotations

import re
from collections.abc import Sequence

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import after_commit
from control_plane.kernel.words.errors import BadParameter, Conflict, Invalid, Violation
from workers.models import DEFAULT_GROUP, WorkerGroup
from workers.permissions import WORKER_GROUP
from workers.queries import living_workers, unended_in
from workers.queue.routing import snapshot
from workers.services.subscriptions import WantedQueue, replace_subscriptions
from workers.services.tokens import locked_group
from workers.shapes import group_audited

_KEY = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}")


class GroupInUse(Conflict):
    """The worker group is in use."""

    code = "worker_group_in_use"


def idle_group(ctx: Context, *, key: str, is_forced: bool = False) -> Target:
    """The group, locked, with what is left to do in it; counted here because a command looks at one scope alone."""
    left = unended_in(key)
    return Target((locked_group(ctx, key=key), left))


@command(WORKER_GROUP.CREATE, instance=True)
def create_group(
    ctx: Context, *, key: str, name: str, description: str = "", queues: Sequence[WantedQueue] = ()
) -> WorkerGroup:
    """A pool that flows name by its key. Conflict when there is one of that key."""
    if not _KEY.fullmatch(key):
        raise Invalid(violations=[Violation("an id has at most 63 letters, digits, `.`, `_` and `-`", "id")])
    if WorkerGroup.objects.filter(key=key).exists():
        raise Conflict(f"there is a worker group {key} already")
    group = WorkerGroup.objects.create(key=key, name=name, description=description)
    replace_subscriptions(group, queues)
    ctx.record(WORKER_GROUP.name, key, after=group_audited(group))
    return group


@command(WORKER_GROUP.UPDATE, on=locked_group, instance=True)
def update_group(
    ctx: Context, *, key: str, name: str, description: str = "", queues: Sequence[WantedQueue] = ()
) -> WorkerGroup:
    """Replace all but its key and its tokens."""
    group = ctx.target_as(WorkerGroup)
    before = group_audited(group)
    group.name, group.description = name, description
    group.save(update_fields=["name", "description", "updated_at"])
    replace_subscriptions(group, queues)
    ctx.record(WORKER_GROUP.name, key, before=before, after=group_audited(group))
    return group


@command(WORKER_GROUP.DELETE, on=idle_group, instance=True)
def delete_group(ctx: Context, *, key: str, is_forced: bool = False) -> None:
    """Forget it with its tokens, so that its workers stop; `is_forced` says that they may be busy.

    Jobs that wait would wait for ever: they are never left behind.
    """
    group, left = ctx.target_as(tuple)
    if key == DEFAULT_GROUP:
        raise BadParameter("the default worker group cannot be deleted")
    if left:
        raise GroupInUse(f"{left} jobs of worker group '{key}' have not ended")
    workers = len(living_workers(key))
    if workers and not is_forced:
        raise GroupInUse(f"{workers} workers of worker group '{key}' are connected")
    ctx.record(WORKER_GROUP.name, key, before=group_audited(group))
    group.delete()
    after_commit(snapshot.forget)
