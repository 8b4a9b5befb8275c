"""Which flows may not be saved: those that name a worker group which is not there for their tenant."""

from __future__ import annotations

from collections.abc import Iterator

from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import Violation
from flows.model.flow import Flow
from flows.model.reading.session import format_path
from flows.model.rules.workers import said_of_workers
from flows.model.walk import walk_tasks
from plugins.contracts.worker_selectors import is_dynamic, wanted_workers
from workers.queue.routing import read_fleet


def unknown_groups(flow: Flow) -> Iterator[Violation]:
    """A group that is kept for others is as unknown as one that nobody made. What an expression says is seen later."""
    named = [
        (keys, wanted.key)
        for keys, holder in said_of_workers(flow, list(walk_tasks(flow)))
        if not is_dynamic(holder.worker_group) and (wanted := wanted_workers(holder.worker_group, None)) is not None
    ]
    if not named:
        return
    fleet, tenant = read_fleet(), current_tenant()
    for keys, key in named:
        known = fleet.lines.get(key)
        if known is None or not known.allows(tenant):
            path = format_path([*keys, "workerGroup", "key"], [])
            yield Violation(f"there is no worker group `{key[:63]}`", path, invalid_value=key)
