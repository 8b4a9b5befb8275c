"""The audit trail of a tenant and, for superadmins, of all."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from rest_framework.request import Request

from audit.api.filters import SORTS, SORTS_OF_ALL, AuditFilters, FiltersOfAll, detail
from audit.exporting.table import EVERY_TENANT
from audit.models import AuditEntry
from audit.permissions import AUDITLOG
from audit.shapes import entry_shape, option_shape, states
from control_plane.kernel.api.bodies import Body
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.query import text
from control_plane.kernel.api.schema import PAGED, shaped
from control_plane.kernel.api.views import InstanceView, TenantView
from control_plane.kernel.authorization import visible_to
from control_plane.kernel.permissions import SUPERADMIN, Permission
from control_plane.kernel.scope import across_tenants
from control_plane.kernel.words.errors import NotFound

LONGEST_HISTORY = 500


class Wanted(Body):
    resource: str | None = None
    type: str | None = None
    detail: dict[str, Any] | None = None


class AuditLogsView(TenantView):
    access = {
        "search": AUDITLOG.LIST,
        "find": AUDITLOG.VIEW,
        "history": AUDITLOG.VIEW,
        "diff": AUDITLOG.VIEW,
    }

    @shaped(query=PAGED)
    def search(self, request: Request) -> dict[str, Any]:
        found = self._visible(AUDITLOG.LIST).filter(AuditFilters.matching(self.query))
        return listed(found.order_by(*order_of(self.query, SORTS, ["-seq"])), page_of(self.query), entry_shape)

    @shaped(body=Wanted)
    def find(self, request: Request) -> dict[str, Any]:
        entry = self._visible(AUDITLOG.VIEW).filter(_wanted(self.body(Wanted))).order_by("-seq").first()
        if entry is None:
            raise NotFound()
        return entry_shape(entry)

    def history(self, request: Request, object_id: str) -> list[dict[str, Any]]:
        found = self._visible(AUDITLOG.VIEW).filter(object_id=object_id).order_by("-seq")
        return [option_shape(entry) for entry in found[:LONGEST_HISTORY]]

    @shaped(query=(("previousId", "string"),))
    def diff(self, request: Request, entry_id: str) -> dict[str, str]:
        return _diff(self._visible(AUDITLOG.VIEW), entry_id, text(self.query, "previousId"))

    def _visible(self, permission: Permission) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.filter(visible_to(self.ctx, permission))


class AllAuditLogsView(InstanceView):
    access = {"search": SUPERADMIN, "diff": SUPERADMIN}

    @shaped(query=PAGED)
    def search(self, request: Request) -> dict[str, Any]:
        condition, order = FiltersOfAll.matching(self.query), order_of(self.query, SORTS_OF_ALL, ["-at"])
        with across_tenants(EVERY_TENANT):
            return listed(AuditEntry.objects.filter(condition).order_by(*order), page_of(self.query), entry_shape)

    def diff(self, request: Request, entry_id: str) -> dict[str, str]:
        with across_tenants(EVERY_TENANT):
            return _diff(AuditEntry.objects.all(), entry_id, text(self.query, "previousId"))


def _wanted(sent: Wanted) -> Q:
    condition = Q()
    if sent.resource:
        condition &= Q(resource=sent.resource)
    if sent.type:
        condition &= Q(action=sent.type)
    for key, value in (sent.detail or {}).items():
        if key not in ("type", "resource", "resourceType"):
            condition &= detail(key, str(value))
    return condition


def _diff(entries: QuerySet[AuditEntry], entry_id: str, previous_id: str | None) -> dict[str, str]:
    """The object as this entry found and left it, or since an earlier entry left it."""
    entry = entries.filter(id=entry_id).first()
    previous = entries.filter(id=previous_id).first() if previous_id else None
    if entry is None or (previous_id and previous is None):
        raise NotFound()
    before, after = states(entry)
    return {"before": states(previous)[1] if previous else before, "after": after}
