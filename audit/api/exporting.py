"""The trail to take away: CSV for people, NDJSON for the verifier, streamed, whatever its size."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q
from django.http import StreamingHttpResponse
from rest_framework.request import Request

from audit.api.filters import AuditFilters, FiltersOfAll
from audit.exporting.table import COLUMNS, EVERY_TENANT, rows_of, rows_of_all
from audit.exporting.trail import ndjson
from audit.models import AuditHead
from audit.permissions import AUDITLOG
from audit.services.exporting import tell_export_of_all
from control_plane.kernel.api.csv import csv_response
from control_plane.kernel.api.query import flag, text
from control_plane.kernel.api.views import InstanceView, TenantView
from control_plane.kernel.authorization import visible_to
from control_plane.kernel.scope import across_tenants, current_tenant
from control_plane.kernel.words.errors import BadParameter

FORMS = ("csv", "ndjson")


class ExportView(TenantView):
    """With `proof` an NDJSON holds the digests of what was left out too."""

    access = {"export": AUDITLOG.EXPORT}

    def export(self, request: Request) -> StreamingHttpResponse:
        form, with_proof = _form(text(self.query, "format")), flag(self.query, "proof")
        condition = AuditFilters.matching(self.query) & visible_to(self.ctx, AUDITLOG.EXPORT)
        tenant = current_tenant()
        if form == "csv":
            return csv_response("auditlogs.csv", COLUMNS, rows_of(tenant, condition))
        return _ndjson(ndjson(tenant, condition, with_proof=with_proof))


class AllExportView(InstanceView):
    """Of all tenants and the instance, for superadmins; NDJSON tells one chain after the other."""

    access = {"export": tell_export_of_all}

    def export(self, request: Request) -> StreamingHttpResponse:
        form, with_proof = _form(text(self.query, "format")), flag(self.query, "proof")
        condition = FiltersOfAll.matching(self.query)
        tell_export_of_all(self.ctx, form=form, asked=self.query.urlencode())
        if form == "csv":
            return csv_response("auditlogs.csv", COLUMNS, rows_of_all(condition))
        return _ndjson(_every_chain(condition, with_proof))


def _form(asked: str | None) -> str:
    if asked not in (None, "", *FORMS):
        raise BadParameter(f"`format` must be one of {', '.join(FORMS)}")
    return asked or "csv"


def _ndjson(lines: Iterator[str]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type="application/x-ndjson")
    response.headers["Content-Disposition"] = 'attachment; filename="auditlogs.ndjson"'
    return response


def _every_chain(condition: Q, with_proof: bool) -> Iterator[str]:
    with across_tenants(EVERY_TENANT):
        owners = list(AuditHead.objects.order_by("tenant_id").values_list("tenant_id", flat=True))
    for owner in owners:
        yield from ndjson(owner, condition, with_proof=with_proof)
