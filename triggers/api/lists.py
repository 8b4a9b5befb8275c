"""Lists of triggers over HTTP."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, StreamingHttpResponse

from control_plane.kernel.actor import Context
from control_plane.kernel.api.csv import Row, csv_response, in_chunks
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.authorization import require
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import iso_or_none
from triggers import shapes
from triggers.models import Trigger
from triggers.permissions import TRIGGER
from triggers.queries.search import BY_NAME, SORTABLE, TriggerFilters, filters_for, visible_triggers

COLUMNS = (
    "namespace",
    "flowId",
    "triggerId",
    "type",
    "disabled",
    "lastTriggeredDate",
    "nextDate",
    "executionId",
    "problem",
)


def search(request: HttpRequest, ctx: Context) -> dict[str, Any]:
    filters = filters_for(request.GET.get("dateFilter", ""))
    rows = visible_triggers(ctx).filter(filters.matching(request.GET))
    ordered = rows.order_by(*order_of(request.GET, SORTABLE, BY_NAME))
    return listed(ordered, page_of(request.GET), shapes.with_document)


def of_flow(request: HttpRequest, ctx: Context, namespace: str, flow_id: str) -> dict[str, Any]:
    require(ctx, TRIGGER.LIST, namespace)
    rows = Trigger.objects.filter(namespace=namespace, flow_id=flow_id)
    if request.GET.get("q"):
        rows = rows.filter(TriggerFilters.matching(request.GET))
    return listed(rows.order_by(*order_of(request.GET, SORTABLE, BY_NAME)), page_of(request.GET), shapes.state)


def export_csv(request: HttpRequest, ctx: Context) -> StreamingHttpResponse:
    matching = TriggerFilters.matching(request.GET)
    tenant = ctx.tenant_id or ""

    def fetch(start: int, stop: int) -> list[Row]:
        rows = visible_triggers(ctx, TRIGGER.EXPORT).filter(matching).order_by(*BY_NAME, "pk")[start:stop]
        return [_cells(row) for row in rows]

    return csv_response("triggers.csv", COLUMNS, in_chunks(lambda: tenant_scope(tenant), fetch))


def _cells(row: Trigger) -> Row:
    is_disabled = str(row.is_off or row.is_disabled).lower()
    dates = (iso_or_none(row.fired_at) or "", iso_or_none(row.next_at) or "")
    name = (row.namespace, row.flow_id, row.trigger_id, row.type)
    return (*name, is_disabled, *dates, row.execution_id or "", row.problem or "")
