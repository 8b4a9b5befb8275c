"""Worker groups with their tokens and workers, as a superadmin manages them."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.filter_fields import Op, Search, Text
from control_plane.kernel.api.filters import Filters
from control_plane.kernel.api.query import flag
from control_plane.kernel.api.views import InstanceView
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import Invalid, Violation
from workers.api.bodies import GroupBody, GroupUpdate, TokenBody
from workers.models import WorkerGroup
from workers.queries import group, living_workers, loads
from workers.services.groups import create_group, delete_group, update_group
from workers.services.tokens import create_group_token, delete_group_token, revoke_group_token
from workers.shapes import capacity_shape, group_shape, token_shape, worker_shape


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
        "create_token": create_group_token,
        "revoke_token": revoke_group_token,
        "delete_token": delete_group_token,
    }

    def list(self, request: Request) -> dict[str, Any]:
        found = WorkerGroup.objects.filter(GroupFilters.matching(self.query)).order_by("key")
        return {"workerGroups": [group_shape(each) for each in found]}

    def create(self, request: Request) -> dict[str, Any]:
        sent = self.body(GroupBody)
        _check_queues(sent, sent.id)
        return group_shape(create_group(self.ctx, key=sent.id, name=sent.name, description=sent.description or ""))

    def show(self, request: Request, key: str) -> dict[str, Any]:
        return group_shape(group(key))

    def update(self, request: Request, key: str) -> dict[str, Any]:
        sent = self.body(GroupUpdate)
        _check_queues(sent, key)
        return group_shape(update_group(self.ctx, key=key, name=sent.name, description=sent.description or ""))

    def delete(self, request: Request, key: str) -> None:
        delete_group(self.ctx, key=key, is_forced=flag(self.query, "force"))

    def workers(self, request: Request, key: str) -> dict[str, Any]:
        group(key)
        busy = loads(key)
        found = living_workers(key)
        return {
            "workers": [worker_shape(each, busy[each.id]) if each.id in busy else worker_shape(each) for each in found]
        }

    def capacity(self, request: Request, key: str) -> dict[str, Any]:
        group(key)
        return capacity_shape(key, living_workers(key), loads(key).values())

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


def _check_queues(sent: GroupUpdate, key: str) -> None:
    stranger = sent.stranger(key)
    if stranger is not None:
        told = (
            f"a worker group takes the jobs that name it: it can only subscribe to `{key}`, not to `{stranger[:100]}`"
        )
        raise Invalid(violations=[Violation(told, "subscriptions")])
