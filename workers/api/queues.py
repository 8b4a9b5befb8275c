"""Worker queues, as a superadmin manages them."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.words.errors import Invalid, Violation
from workers.api.bodies import QueueBody
from workers.models import WorkerQueue
from workers.queries import all_living, queue_of, services, subscribers
from workers.queue.lines import line_of
from workers.queue.routing import read_fleet
from workers.services.queues import create_queue, delete_queue, update_queue
from workers.shapes import instance_shape, queue_shape


class WorkerQueuesView(InstanceView):
    access = {
        "list": SUPERADMIN,
        "create": create_queue,
        "show": SUPERADMIN,
        "update": update_queue,
        "delete": delete_queue,
        "subscribers": SUPERADMIN,
    }

    def list(self, request: Request) -> dict[str, Any]:
        fleet = read_fleet()
        groups = [worker.group_id for worker in all_living()]
        return {
            "workerQueues": [
                queue_shape(queue) | {"activeWorkers": sum(map(groups.count, fleet.groups_of(line_of(queue.id))))}
                for queue in WorkerQueue.objects.order_by("id")
            ]
        }

    def create(self, request: Request) -> dict[str, Any]:
        sent = self.body(QueueBody)
        return queue_shape(create_queue(self.ctx, queue_id=sent.id, wanted=sent.wanted))

    def show(self, request: Request, queue_id: str) -> dict[str, Any]:
        queue = queue_of(queue_id)
        groups = read_fleet().groups_of(line_of(queue_id))
        ids = {worker.id for worker in all_living() if worker.group_id in groups}
        return queue_shape(queue) | {"workers": [instance_shape(each) for each in services() if each.id in ids]}

    def update(self, request: Request, queue_id: str) -> dict[str, Any]:
        sent = self.body(QueueBody)
        if sent.id != queue_id:
            raise Invalid(violations=[Violation("the id of a queue never changes", "id")])
        return queue_shape(update_queue(self.ctx, queue_id=queue_id, wanted=sent.wanted))

    def delete(self, request: Request, queue_id: str) -> None:
        delete_queue(self.ctx, queue_id=queue_id)

    def subscribers(self, request: Request, queue_id: str) -> dict[str, Any]:
        queue_of(queue_id)
        return {"groups": [{"id": each.key, "name": each.name or each.key} for each in subscribers(queue_id)]}
