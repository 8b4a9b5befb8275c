"""Addresses of the audit trail."""

from __future__ import annotations

from django.urls import path

from audit.api import described  # noqa: F401  # its import gives the handlers their shapes
from audit.api.views import AllAuditLogsView, AuditLogsView

V1 = "api/v1"
LOGS = f"{V1}/<str:tenant>/auditlogs"

urlpatterns = [
    path(f"{V1}/auditlogs/search", AllAuditLogsView.as_view({"get": "search"})),
    path(f"{V1}/auditlogs/export", AllAuditLogsView.as_view({"get": "export"})),
    path(f"{V1}/auditlogs/<str:entry_id>/diff", AllAuditLogsView.as_view({"get": "diff"})),
    path(f"{LOGS}/search", AuditLogsView.as_view({"get": "search"})),
    path(f"{LOGS}/export", AuditLogsView.as_view({"get": "export"})),
    path(f"{LOGS}/find", AuditLogsView.as_view({"post": "find"})),
    path(f"{LOGS}/history/<str:object_id>", AuditLogsView.as_view({"get": "history"})),
    path(f"{LOGS}/<str:entry_id>/diff", AuditLogsView.as_view({"get": "diff"})),
]
