"""What proves the trail, over the API: checks, public keys with anchors, and the verifier itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from rest_framework.request import Request

from audit.delivery.opening import ship_destinations
from audit.models import AuditAnchor, AuditHead
from audit.permissions import AUDITLOG
from audit.proof.checking import check
from audit.proof.keys import key_documents
from audit.queries import trail_state
from audit.recording.owners import scope_of
from audit.verifier import verify
from audit.verifier.verify import Report, canonical
from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.query import text
from control_plane.kernel.api.views import InstanceView, TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.permissions import SUPERADMIN
from control_plane.kernel.scope import current_owner
from control_plane.kernel.words.errors import NotFound

CHUNK = 1000


class TrailProofView(TenantView):
    """Of the whole tenant: who may look at some namespaces alone is refused."""

    access = {"check": AUDITLOG.VIEW, "state": AUDITLOG.VIEW, "anchors": AUDITLOG.VIEW, "verifier": AUDITLOG.VIEW}

    def check(self, request: Request) -> dict[str, Any]:
        require(self.ctx, AUDITLOG.VIEW)
        return report_shape(check(current_owner()))

    def state(self, request: Request) -> dict[str, Any]:
        require(self.ctx, AUDITLOG.VIEW)
        return state_shape()

    def anchors(self, request: Request) -> StreamingHttpResponse:
        require(self.ctx, AUDITLOG.VIEW)
        return _anchors(current_owner())

    def verifier(self, request: Request) -> HttpResponse:
        source = Path(verify.__file__).read_bytes()
        response = HttpResponse(source, content_type="text/x-python; charset=utf-8")
        response.headers["Content-Disposition"] = 'attachment; filename="verify.py"'
        return response


class InstanceProofView(InstanceView):
    """Of the instance's own chain, or of the tenant that is named."""

    access = {"check": SUPERADMIN, "state": SUPERADMIN, "anchors": SUPERADMIN}

    def check(self, request: Request) -> dict[str, Any]:
        return report_shape(check(self._owner()))

    def state(self, request: Request) -> dict[str, Any]:
        with scope_of(self._owner()):
            return state_shape()

    def anchors(self, request: Request) -> StreamingHttpResponse:
        return _anchors(self._owner())

    def _owner(self) -> str:
        named = text(self.query, "tenant") or ""
        if named:
            with scope_of(named):
                if not AuditHead.objects.filter(tenant_id=named).exists():
                    raise NotFound("tenant")
        return named


def report_shape(report: Report) -> dict[str, Any]:
    return without_nulls(
        isIntact=report.is_intact,
        entries=report.entries,
        first=report.first,
        last=report.last,
        start=report.start,
        end=report.end,
        purged=report.purged,
        anchors=report.anchors,
        anchoredEntry=report.anchored,
        problems=[without_nulls(**asdict(problem)) for problem in report.problems],
    )


def state_shape() -> dict[str, Any]:
    """Of the open scope's chain."""
    keys = [
        {"id": verify.key_id(each["public"]), "public": each["public"], "at": each["at"]} for each in key_documents()
    ]
    return {**trail_state([each.name for each in ship_destinations()]), "keys": keys}


def _anchors(owner: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(_anchor_lines(owner), content_type="application/x-ndjson")
    response.headers["Content-Disposition"] = 'attachment; filename="anchors.ndjson"'
    return response


def _anchor_lines(owner: str) -> Iterator[str]:
    """A short scope for each chunk."""
    number = 0
    with scope_of(owner):
        keys = key_documents()
    yield from (f"{canonical(each)}\n" for each in keys)
    while True:
        with scope_of(owner):
            found = AuditAnchor.objects.filter(number__gt=number).order_by("number")[:CHUNK]
            rows = list(found.values_list("number", "document"))
        yield from (f"{document}\n" for _, document in rows)
        if len(rows) < CHUNK:
            return
        number = rows[-1][0]
