"""Dependencies between flows over HTTP. A flow the reader may not see shows in nobody's picture."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.query import flag
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.scope import current_tenant
from flows.access import visible_flows
from flows.permissions import FLOW
from flows.queries import get_flow, no_flow
from flows.topology.dependencies import FlowName, Link, around, links_of, topology


class DependencyView(TenantView):
    """What leads to a flow, and where it leads."""

    access = {"of_flow": FLOW.VIEW, "of_namespace": FLOW.LIST, "of_tenant": FLOW.LIST}

    def of_flow(self, request: Request, namespace: str, flow_id: str) -> dict[str, Any]:
        require(self.ctx, FLOW.VIEW, namespace, absent=no_flow(namespace, flow_id))
        get_flow(namespace, flow_id)
        start = (namespace, flow_id)
        links = around(
            start,
            self._links()[1],
            only_downstream=flag(self.query, "destinationOnly"),
            is_whole=flag(self.query, "expandAll"),
        )
        return topology(links, [start], current_tenant())

    def of_namespace(self, request: Request, namespace: str) -> dict[str, Any]:
        """Flows of the namespace and its children, and those directly before and behind them."""
        require(self.ctx, FLOW.LIST, namespace)
        flows, links = self._links()
        inside = [name for name in flows if f"{name[0]}.".startswith(f"{namespace}.")]
        touching = [link for link in links if link.source in inside or link.target in inside]
        return topology(touching, inside, current_tenant())

    def of_tenant(self, request: Request) -> dict[str, Any]:
        """All that the reader may see; with `destinationOnly` only flows that something leads to, and what does."""
        flows, links = self._links()
        alone = [] if flag(self.query, "destinationOnly") else flows
        return topology(links, alone, current_tenant())

    def _links(self) -> tuple[list[FlowName], list[Link]]:
        documents = list(visible_flows(self.ctx).order_by("namespace", "flow_id").values_list("document", flat=True))
        flows = [(document["namespace"], document["id"]) for document in documents]
        known = set(flows)
        links = [link for document in documents for link in links_of(document)]
        return flows, [link for link in links if link.source in known and link.target in known]
