"""Limits of concurrency over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from control_plane.kernel.actor import Context
from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.fast import json_body
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.authorization import visible_to
from control_plane.kernel.config import config
from control_plane.kernel.words.errors import Invalid, Violation
from executions.queries.limits import limited_flows
from executions.services.limits import mend_places
from flows.api.filters import FlowFilters
from flows.permissions import FLOW

SORTABLE = {"namespace": "namespace", "flowId": "flow_id", "running": "running", "queued": "queued"}
BY_NAME = ("namespace", "flow_id")


class GivenLimit(Body):
    """A limit as it was read. `running` is what it is held to be."""

    tenant_id: str | None = None
    namespace: str | None = None
    flow_id: str | None = None
    running: int | None = None

    def check(self, **named: str) -> None:
        """Raises Invalid where it is about another flow than the address."""
        for name, value in named.items():
            given = getattr(self, name)
            if given is not None and given != value:
                raise Invalid(violations=[Violation(f"is not '{value}', as in the address", _WORDS[name])])


_WORDS = {"tenant_id": "tenantId", "namespace": "namespace", "flow_id": "flowId"}


def search(request: HttpRequest, ctx: Context) -> dict[str, Any]:
    """All of them unless a page is asked for."""
    matching = visible_to(ctx, FLOW.LIST) & FlowFilters.matching(request.GET)
    ordered = limited_flows().filter(matching).order_by(*order_of(request.GET, SORTABLE, BY_NAME))
    return listed(ordered, page_of(request.GET, config().limits.page_size), _shown)


def update(request: HttpRequest, ctx: Context, namespace: str, flow_id: str) -> dict[str, Any]:
    given = json_body(request, GivenLimit)
    given.check(tenant_id=ctx.tenant_id or "", namespace=namespace, flow_id=flow_id)
    mend_places(ctx, namespace=namespace, flow_id=flow_id, running=given.running)
    return _shown(limited_flows().get(namespace=namespace, flow_id=flow_id))


def _shown(flow: Any) -> dict[str, Any]:
    """A row of `limited_flows`."""
    concurrency = flow.document["concurrency"]
    return {
        "tenantId": flow.tenant_id,
        "namespace": flow.namespace,
        "flowId": flow.flow_id,
        "running": flow.running,
        "limit": concurrency["limit"],
        "behavior": concurrency.get("behavior", "QUEUE"),
        "queued": flow.queued,
    }
