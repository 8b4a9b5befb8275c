"""Whole sets of flows: what a namespace holds, and bringing it to what a text says."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.query import flag, text
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from flows.access import visible_flows
from flows.api.bodies import source_in
from flows.api.shapes import SHOWN, flow_json, saved_json
from flows.permissions import FLOW
from flows.services.bulk import replace_flows


class FlowSetView(TenantView):
    """`/flows/bulk` and `/flows/{namespace}`. With `delete`, flows that the text does not name are deleted."""

    access = {"in_namespace": FLOW.LIST, "replace": replace_flows, "replace_namespace": replace_flows}

    def in_namespace(self, request: Request, namespace: str) -> list[dict[str, Any]]:
        require(self.ctx, FLOW.LIST, namespace)
        rows = visible_flows(self.ctx).filter(namespace=namespace).only(*SHOWN).order_by("flow_id")
        return [flow_json(flow) for flow in rows]

    def replace(self, request: Request) -> list[dict[str, Any]]:
        return self._replace(
            request, text(self.query, "namespace"), includes_children=flag(self.query, "allowNamespaceChild")
        )

    def replace_namespace(self, request: Request, namespace: str) -> list[dict[str, Any]]:
        return self._replace(request, namespace, includes_children=False)

    def _replace(self, request: Request, namespace: str | None, *, includes_children: bool) -> list[dict[str, Any]]:
        saved = replace_flows(
            self.ctx,
            sources=[source_in(request)] if request.data else [],
            namespace=namespace,
            includes_children=includes_children,
            deletes_others=flag(self.query, "delete", True),
        )
        return [saved_json(each) for each in saved]
