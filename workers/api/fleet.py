"""How all groups and queues stand, on one page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.words.clock import now
from workers.models import Worker, WorkerQueue
from workers.queries import Loads, Waiting, all_living, groups, loads, waiting
from workers.queue.lines import UNROUTED, line_of
from workers.queue.routing import Fleet, read_fleet


class FleetView(InstanceView):
    access = {"overview": SUPERADMIN}

    def overview(self, request: Request) -> dict[str, Any]:
        living = all_living()
        standing = _Standing(read_fleet(), living, loads(living), waiting(), now())
        return {
            "groups": [
                standing.of([each.key], [each.key, *(line_of(edge.queue_id) for edge in each.subscriptions.all())])
                | {
                    "id": each.key,
                    "name": each.name or each.key,
                    "queues": [edge.queue_id for edge in each.subscriptions.all()],
                }
                for each in groups()
            ],
            "queues": [standing.of_queue(queue) for queue in WorkerQueue.objects.order_by("id")],
            "unrouted": standing.waiting.get(UNROUTED, Waiting()).count,
        }


@dataclass(frozen=True, slots=True)
class _Standing:
    fleet: Fleet
    living: Sequence[Worker]
    in_hand: Loads
    waiting: dict[str, Waiting]
    at: datetime

    def of(self, groups: Sequence[str], lines: Iterable[str]) -> dict[str, Any]:
        """Of the workers of these groups, and of what waits in these lines."""
        own = set(lines)
        workers = [worker for worker in self.living if worker.group_id in groups]
        lined = [self.waiting[line] for line in own if line in self.waiting]
        oldest = min((each.oldest for each in lined if each.oldest is not None), default=None)
        in_hand = [self.in_hand[worker.id] for worker in workers]
        return without_nulls(
            workers=len(workers),
            slots=sum(worker.slots for worker in workers),
            running=sum(load.started for each in in_hand for line, load in each.items() if line in own),
            waiting=sum(each.count for each in lined),
            endedRate=round(sum(worker.ended_rate for worker in workers), 3),
            oldestWaitSeconds=max(0.0, (self.at - oldest).total_seconds()) if oldest is not None else None,
        )

    def of_queue(self, queue: WorkerQueue) -> dict[str, Any]:
        line = line_of(queue.id)
        takers = list(self.fleet.groups_of(line))
        return self.of(takers, [line]) | {
            "id": queue.id,
            "name": queue.name or queue.id,
            "tags": queue.tags,
            "allowedTenants": queue.allowed_tenants,
            "groups": takers,
        }
