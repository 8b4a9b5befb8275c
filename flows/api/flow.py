"""One flow over HTTP: create, read, change, delete, its revisions and its tasks."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from rest_framework.request import Request

from control_plane.kernel.api.query import flag, number
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.words.errors import BadParameter, NotFound
from flows.api.bodies import source_in
from flows.api.shapes import flow_json, revision_json, saved_json
from flows.models import Flow, FlowRevision
from flows.permissions import FLOW
from flows.queries import find_task, get_flow, get_revision, no_flow
from flows.services.revisions import delete_revisions
from flows.services.saving import create_flow, delete_flow, update_flow
from flows.topology.graph import flow_graph


class FlowView(TenantView):
    """`/flows` and `/flows/{namespace}/{id}`."""

    access = {
        "create": create_flow,
        "read": FLOW.VIEW,
        "update": update_flow,
        "delete": delete_flow,
        "revisions": FLOW.VIEW,
        "delete_revisions": delete_revisions,
        "graph": FLOW.VIEW,
        "task": FLOW.VIEW,
    }

    def create(self, request: Request) -> dict[str, Any]:
        return saved_json(create_flow(self.ctx, source=source_in(request), is_draft=flag(self.query, "draft")))

    def read(self, request: Request, namespace: str, flow_id: str) -> dict[str, Any]:
        with_source = flag(self.query, "source")
        allow_deleted = flag(self.query, "allowDeleted")
        flow = self._flow(namespace, flow_id, allow_deleted=allow_deleted)
        wanted = _revision(self.query)
        if wanted is None and not flow.is_deleted:
            return flow_json(flow, with_source=with_source)
        revision = get_revision(flow, wanted)
        if revision.is_deleted and not allow_deleted:
            raise NotFound(f"Flow '{namespace}.{flow_id}' was deleted in revision {revision.revision}")
        return revision_json(revision, with_source=with_source)

    def update(self, request: Request, namespace: str, flow_id: str) -> dict[str, Any]:
        saved = update_flow(
            self.ctx,
            namespace=namespace,
            flow_id=flow_id,
            source=source_in(request),
            is_draft=flag(self.query, "draft"),
        )
        return saved_json(saved)

    def delete(self, request: Request, namespace: str, flow_id: str) -> None:
        delete_flow(self.ctx, namespace=namespace, flow_id=flow_id)

    def revisions(self, request: Request, namespace: str, flow_id: str) -> list[dict[str, Any]]:
        """Oldest first, also of a deleted flow. A tombstone is only shown when asked for."""
        allow_deleted = flag(self.query, "allowDelete")
        flow = self._flow(namespace, flow_id, allow_deleted=True)
        rows = flow.revisions.order_by("revision")
        return [revision_json(row, with_source=True) for row in rows if allow_deleted or not row.is_deleted]

    def delete_revisions(self, request: Request, namespace: str, flow_id: str) -> dict[str, Any]:
        wanted = [_whole(word) for item in self.query.getlist("revisions") for word in item.split(",") if word.strip()]
        if not wanted:
            raise BadParameter("`revisions` is needed: a comma separated list of numbers")
        return {"count": delete_revisions(self.ctx, namespace=namespace, flow_id=flow_id, numbers=wanted)}

    def graph(self, request: Request, namespace: str, flow_id: str) -> dict[str, Any]:
        return flow_graph(self._revision(namespace, flow_id).document).as_json()

    def task(self, request: Request, namespace: str, flow_id: str, task_id: str) -> dict[str, Any]:
        found = find_task(self._revision(namespace, flow_id).document, task_id)
        if found is None:
            raise NotFound(f"Task '{task_id}' was not found in flow '{namespace}.{flow_id}'")
        return found

    def _revision(self, namespace: str, flow_id: str) -> FlowRevision:
        return get_revision(self._flow(namespace, flow_id), _revision(self.query))

    def _flow(self, namespace: str, flow_id: str, *, allow_deleted: bool = False) -> Flow:
        require(self.ctx, FLOW.VIEW, namespace, absent=no_flow(namespace, flow_id))
        return get_flow(namespace, flow_id, allow_deleted=allow_deleted)


def _revision(query: QueryDict) -> int | None:
    return number(query, "revision", 0, at_least=1, at_most=2**31 - 1) or None


def _whole(word: str) -> int:
    return number({"revisions": word.strip()}, "revisions", 0, at_least=1, at_most=2**31 - 1)
