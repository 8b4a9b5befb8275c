"""Worker groups with their queues, tokens and workers, as a superadmin manages them."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.filter_fields import Op, Search, Text
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.query import flag
from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.words.clock import now
from workers.api.bodies import GroupBody, GroupUpdate, ReservationBody, Subscription, TokenBody
from workers.queries import group, groups, living_workers, loads
from workers.services.groups import create_group, delete_group, update_group
from workers.services.subscriptions import add_subscription, remove_subscription, reserve
from workers.services.tokens import create_group_token, delete_group_token, revoke_group_token
from workers.shapes import capacity_shape, group_shape, token_shape, total, worker_shape


class GroupFilters(Filters):
    q = Search("key", "name")
    id = Text("key")
    name = Text("name")
    legacy = {"q": ("q", Op.EQUALS)}


class WorkerGroupsView(InstanceView):
    access = {
        "list": SUPERADMIN,
        "create": create_group,
        "show": SUPERADMIN,
        "update": update_group,
        "delete": delete_group,
        "workers": SUPERADMIN,
        "capacity": SUPERADMIN,
        "subscribe": add_subscription,
        "reserve": reserve,
        "unsubscribe": remove_subscription,
        "create_token": create_group_token,
        "revoke_token": revoke_group_token,
        "delete_token": delete_group_token,
    }

    def list(self, request: Request) -> dict[str, Any]:
        found = groups().filter(GroupFilters.matching(self.query))
        return {"workerGroups": [group_shape(each) for each in found]}

    def create(self, request: Request) -> dict[str, Any]:
        sent = self.body(GroupBody)
        create_group(self.ctx, key=sent.id, name=sent.name, description=sent.description or "", queues=sent.queues)
        return group_shape(group(sent.id))

    def show(self, request: Request, key: str) -> dict[str, Any]:
        return group_shape(group(key))

    def update(self, request: Request, key: str) -> dict[str, Any]:
        sent = self.body(GroupUpdate)
        update_group(self.ctx, key=key, name=sent.name, description=sent.description or "", queues=sent.queues)
        return group_shape(group(key))

    def delete(self, request: Request, key: str) -> None:
        delete_group(self.ctx, key=key, is_forced=flag(self.query, "force"))

    def workers(self, request: Request, key: str) -> dict[str, Any]:
        group(key)
        found = living_workers(key)
        busy = loads(found)
        return {"workers": [worker_shape(each, total(busy[each.id].values())) for each in found]}

    def capacity(self, request: Request, key: str) -> dict[str, Any]:
        found = living_workers(key)
        return capacity_shape(group(key), found, loads(found))

    def subscribe(self, request: Request, key: str) -> dict[str, Any]:
        add_subscription(self.ctx, key=key, wanted=self.body(Subscription).wanted)
        return group_shape(group(key))

    def reserve(self, request: Request, key: str, queue_id: str) -> dict[str, Any]:
        percent = self.body(ReservationBody).reserved_percent or 0
        reserve(self.ctx, key=key, queue_id=queue_id, percent=percent)
        return group_shape(group(key))

    def unsubscribe(self, request: Request, key: str, queue_id: str) -> dict[str, Any]:
        remove_subscription(self.ctx, key=key, queue_id=queue_id)
        return group_shape(group(key))

    def create_token(self, request: Request, key: str) -> dict[str, Any]:
        sent = self.body(TokenBody)
        lifetime = sent.expires_at - now() if sent.expires_at else None
        token, text = create_group_token(
            self.ctx, key=key, name=sent.name, description=sent.description or "", lifetime=lifetime
        )
        return {"token": text, "details": token_shape(token)}

    def revoke_token(self, request: Request, key: str, token_id: str) -> dict[str, Any]:
        revoke_group_token(self.ctx, key=key, token_id=token_id)
        return group_shape(group(key))

    def delete_token(self, request: Request, key: str, token_id: str) -> dict[str, Any]:
        delete_group_token(self.ctx, key=key, token_id=token_id)
        return {}
