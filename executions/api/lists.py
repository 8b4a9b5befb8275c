"""Lists of executions over HTTP."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, StreamingHttpResponse

from control_plane.kernel.actor import Context
from control_plane.kernel.api.json import decode
from control_plane.kernel.api.listing import Listing
from control_plane.kernel.api.pages import order_of, page_of
from control_plane.kernel.api.query import moment, number, required
from control_plane.kernel.authorization import visible_to
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import iso, iso_or_none, now
from control_plane.kernel.words.errors import BadParameter
from executions.api.bodies import flow_names
from executions.models import Execution
from executions.permissions import EXECUTION
from executions.queries.activity import activity
from executions.queries.search import (
    NEWEST_FIRST,
    SORTABLE,
    WITHOUT_TURNS,
    ExecutionFilters,
    latest_of,
    light,
    light_rows,
    visible_executions,
)

MOST_LATEST = 1000
CHUNK = 500
INTERVALS = 80
MOST_INTERVALS = 1000
DISTINCT = {
    "NAMESPACE": "namespace",
    "FLOW_ID": "flow_id",
    "STATE": "state",
    "KIND": "kind",
    "FLOW_REVISION": "flow_revision",
}


def search(request: HttpRequest, ctx: Context) -> Listing:
    matching = visible_to(ctx, EXECUTION.LIST) & ExecutionFilters.matching(request.GET)
    order = order_of(request.GET, SORTABLE, NEWEST_FIRST)
    return Listing(light_rows, matching, order, page_of(request.GET), light)


def of_flow(request: HttpRequest, ctx: Context) -> Listing:
    namespace, flow_id = required(request.GET, "namespace"), required(request.GET, "flowId")
    matching = visible_to(ctx, EXECUTION.LIST) & Q(namespace=namespace, flow_id=flow_id) & WITHOUT_TURNS
    return Listing(light_rows, matching, ("-start_date", "-pk"), page_of(request.GET), light)


def latest(request: HttpRequest, ctx: Context) -> list[dict[str, Any]]:
    names = flow_names(decode(request.body) if request.body else [])
    if len(names) > MOST_LATEST:
        raise BadParameter(f"at most {MOST_LATEST} flows can be asked for at once")
    rows = latest_of(ctx, [(name.namespace, name.id) for name in names])
    return [
        {
            "id": row.id,
            "flowId": row.flow_id,
            "namespace": row.namespace,
            "startDate": iso(row.start_date),
            "status": row.state,
        }
        for row in rows
    ]


def counted(request: HttpRequest, ctx: Context) -> dict[str, Any]:
    query = request.GET
    begin = moment("begin", query["begin"]) if query.get("begin") else None
    end = moment("end", query["end"]) if query.get("end") else now()
    intervals = number(query, "intervals", INTERVALS, at_least=2, at_most=MOST_INTERVALS)
    matching = visible_to(ctx, EXECUTION.LIST) & ExecutionFilters.matching(query)
    found = activity(matching, begin, end, intervals)
    counts = [{"start": iso(each.start), "state": each.state, "count": each.count} for each in found.counts]
    span = {"begin": iso(found.begin), "interval": found.interval} if found.begin else {}
    return {"total": found.total, **span, "counts": counts}


def distinct(request: HttpRequest, ctx: Context) -> list[str]:
    name = required(request.GET, "field")
    column = DISTINCT.get(name.upper()) or DISTINCT.get(_snake(name))
    if column is None:
        raise BadParameter(f"`field` must be one of {', '.join(DISTINCT)}")
    size = number(request.GET, "size", 100, at_least=1, at_most=1000)
    found = (
        visible_executions(ctx).filter(ExecutionFilters.matching(request.GET)).exclude(**{f"{column}__isnull": True})
    )
    return [str(value) for value in found.order_by(column).values_list(column, flat=True).distinct()[:size]]


def _snake(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).upper()


def export_csv(request: HttpRequest, ctx: Context) -> StreamingHttpResponse:
    matching = visible_executions(ctx, EXECUTION.EXPORT).filter(ExecutionFilters.matching(request.GET))
    ids = list(matching.order_by("-start_date", "-pk").values_list("pk", flat=True)[:100_000])
    answer = StreamingHttpResponse(_csv(ctx.tenant_id or "", ids), content_type="text/csv")
    answer["Content-Disposition"] = 'attachment; filename="executions.csv"'
    return answer


def _csv(tenant: str, ids: list[str]) -> Iterator[bytes]:
    """A short scope for each chunk, never one for the stream."""
    yield b"id,namespace,flow_id,flow_revision,state,start_date,end_date,labels\r\n"
    for first in range(0, len(ids), CHUNK):
        with tenant_scope(tenant):
            rows = {row.id: row for row in Execution.objects.filter(pk__in=ids[first : first + CHUNK])}
        text = io.StringIO()
        writer = csv.writer(text)
        for each in ids[first : first + CHUNK]:
            if each in rows:
                writer.writerow(_csv_row(rows[each]))
        yield text.getvalue().encode()


def _csv_row(row: Execution) -> list[str]:
    labels = ",".join(f"{key}:{value}" for key, value in row.labels.items())
    start, end = iso(row.start_date), iso_or_none(row.end_date) or ""
    cells = [row.id, row.namespace, row.flow_id, str(row.flow_revision), row.state, start, end, labels]
    return [_harmless(cell) for cell in cells]


def _harmless(cell: str) -> str:
    """Text that a spreadsheet would run as a formula is quoted."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
