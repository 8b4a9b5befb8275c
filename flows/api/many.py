"""Many flows at once: bulk changes, import and export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from django.http import HttpResponse
from rest_framework.request import Request

from control_plane.kernel.api.query import flag
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.permissions import Permission
from flows.access import visible_flows
from flows.api.bodies import names_in, upload_in
from flows.api.filters import FlowFilters
from flows.exchange.archive import pack
from flows.permissions import FLOW
from flows.services.bulk import delete_flows
from flows.services.importing import Upload, import_flows
from flows.services.switching import disable_flows, enable_flows
from flows.services.targets import Name

_CSV_COLUMNS = ("namespace", "id", "revision", "description", "disabled", "labels")


class FlowBulkView(TenantView):
    """Bulk acts. By query they touch what the filters find and the caller may act on; by ids, just what was named."""

    access = {
        "delete_by_ids": delete_flows,
        "delete_by_query": delete_flows,
        "enable_by_ids": enable_flows,
        "enable_by_query": enable_flows,
        "disable_by_ids": disable_flows,
        "disable_by_query": disable_flows,
        "import_": import_flows,
    }

    def delete_by_ids(self, request: Request) -> dict[str, int]:
        return {"count": delete_flows(self.ctx, names=names_in(request))}

    def delete_by_query(self, request: Request) -> dict[str, int]:
        return {"count": delete_flows(self.ctx, names=self._found(FLOW.DELETE))}

    def enable_by_ids(self, request: Request) -> dict[str, int]:
        return {"count": enable_flows(self.ctx, names=names_in(request))}

    def enable_by_query(self, request: Request) -> dict[str, int]:
        return {"count": enable_flows(self.ctx, names=self._found(FLOW.ENABLE))}

    def disable_by_ids(self, request: Request) -> dict[str, int]:
        return {"count": disable_flows(self.ctx, names=names_in(request))}

    def disable_by_query(self, request: Request) -> dict[str, int]:
        return {"count": disable_flows(self.ctx, names=self._found(FLOW.DISABLE))}

    def import_(self, request: Request) -> list[str]:
        """The sentences of what was refused; empty when everything came in."""
        upload = Upload(upload_in(request), fails_on_error=flag(self.query, "failOnError"))
        return import_flows(self.ctx, upload=upload).refused

    def _found(self, permission: Permission) -> list[Name]:
        rows = visible_flows(self.ctx, permission).filter(FlowFilters.matching(self.query))
        return [Name(namespace, flow_id) for namespace, flow_id in rows.values_list("namespace", "flow_id")]


class FlowExportView(TenantView):
    """Flows to carry away."""

    access = {"by_ids": FLOW.EXPORT, "by_query": FLOW.EXPORT, "csv": FLOW.EXPORT}

    def by_ids(self, request: Request) -> HttpResponse:
        names = set(names_in(request))
        rows = visible_flows(self.ctx, FLOW.EXPORT).filter(flow_id__in={name.flow_id for name in names})
        triples = rows.order_by("namespace", "flow_id").values_list("namespace", "flow_id", "source")
        return _zip(triple for triple in triples if Name(triple[0], triple[1]) in names)

    def by_query(self, request: Request) -> HttpResponse:
        rows = visible_flows(self.ctx, FLOW.EXPORT).filter(FlowFilters.matching(self.query))
        return _zip(rows.order_by("namespace", "flow_id").values_list("namespace", "flow_id", "source"))

    def csv(self, request: Request) -> HttpResponse:
        rows = visible_flows(self.ctx, FLOW.EXPORT).filter(FlowFilters.matching(self.query)).defer("source")
        target = io.StringIO()
        writer = csv.writer(target)
        writer.writerow(_CSV_COLUMNS)
        for flow in rows.order_by("namespace", "flow_id"):
            labels = ";".join(f"{key}:{value}" for key, value in flow.labels.items())
            cells = (flow.namespace, flow.flow_id, flow.revision, flow.description, flow.is_disabled, labels)
            writer.writerow([_harmless(str(cell)) for cell in cells])
        return _download(target.getvalue().encode(), "flows.csv", "text/csv; charset=utf-8")


def _harmless(cell: str) -> str:
    """A spreadsheet runs a cell that starts like a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell


def _zip(triples: Iterable[tuple[str, str, str]]) -> HttpResponse:
    return _download(pack(triples), "flows.zip", "application/octet-stream")


def _download(content: bytes, name: str, content_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=headers)
