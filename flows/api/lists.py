"""Lists of flows: search, search in sources, by namespace, namespaces, deprecated types."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from rest_framework.request import Request

from control_plane.kernel.actor import Context
from control_plane.kernel.api.listing import Listing
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.query import text
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import visible_to
from flows.access import visible_flows
from flows.api.filters import SORTS, FlowFilters, SourceFilters
from flows.api.shapes import flow_json, light, light_rows
from flows.editing.search import fragments
from flows.model.parse import SAVED, parse_flow
from flows.models import Flow
from flows.namespace_settings.surroundings import from_kept
from flows.permissions import FLOW

_DEFAULT_ORDER = ("namespace", "flow_id")


def search(request: HttpRequest, ctx: Context) -> Listing:
    matching = visible_to(ctx, FLOW.LIST) & FlowFilters.matching(request.GET)
    order = order_of(request.GET, SORTS, _DEFAULT_ORDER)
    return Listing(light_rows, matching, order, page_of(request.GET), light)


class FlowListView(TenantView):
    """What can be seen at once; every list shows only what its reader may see."""

    access = {
        "search_source": FLOW.LIST,
        "namespaces": FLOW.LIST,
        "deprecated": FLOW.LIST,
    }

    def search_source(self, request: Request) -> dict[str, Any]:
        wanted = text(self.query, "q") or ""
        found = visible_flows(self.ctx).filter(SourceFilters.matching(self.query)).filter(source__icontains=wanted)

        def shown(flow: Flow) -> dict[str, Any]:
            return {"model": flow_json(flow), "fragments": fragments(flow.source, wanted)}

        return listed(found.order_by(*order_of(self.query, SORTS, _DEFAULT_ORDER)), page_of(self.query), shown)

    def namespaces(self, request: Request) -> list[str]:
        rows = visible_flows(self.ctx).filter(namespace__startswith=text(self.query, "q") or "")
        return list(rows.order_by("namespace").values_list("namespace", flat=True).distinct())

    def deprecated(self, request: Request) -> list[dict[str, Any]]:
        """Flows that use a type under an older name, with what replaces it."""
        rows = visible_flows(self.ctx).filter(FlowFilters.matching(self.query)).order_by("namespace", "flow_id")
        return [shown for flow in rows.iterator() if (shown := _deprecations(flow))]


def _deprecations(flow: Flow) -> dict[str, Any] | None:
    revision = flow.revisions.get(id=flow.revision_id)
    parsed = parse_flow(flow.source, defaults=from_kept(revision.plugin_defaults), options=SAVED)
    if not parsed.deprecations and not parsed.replacements:
        return None
    sentences = [*parsed.deprecations, *parsed.replacements]
    return {
        "namespace": flow.namespace,
        "flowId": flow.flow_id,
        "revision": flow.revision,
        "deprecatedTasks": [{"description": sentence} for sentence in sentences],
    }
