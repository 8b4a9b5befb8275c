"""Addresses of the audit trail."""

from __future__ import annotations

from django.urls import path

from audit.api import described  # noqa: F401  # its import gives the handlers their shapes
from audit.api.exporting import AllExportView, ExportView
from audit.api.proof import InstanceProofView, TrailProofView
from audit.api.views import AllAuditLogsView, AuditLogsView

V1 = "api/v1"
LOGS = f"{V1}/<str:tenant>/auditlogs"

urlpatterns = [
    path(f"{V1}/auditlogs/search", AllAuditLogsView.as_view({"get": "search"})),
    path(f"{V1}/auditlogs/export", AllExportView.as_view({"get": "export"})),
    path(f"{V1}/auditlogs/verify", InstanceProofView.as_view({"get": "check"})),
    path(f"{V1}/auditlogs/proof", InstanceProofView.as_view({"get": "state"})),
    path(f"{V1}/auditlogs/anchors", InstanceProofView.as_view({"get": "anchors"})),
    path(f"{V1}/auditlogs/<str:entry_id>/diff", AllAuditLogsView.as_view({"get": "diff"})),
    path(f"{LOGS}/search", AuditLogsView.as_view({"get": "search"})),
    path(f"{LOGS}/export", ExportView.as_view({"get": "export"})),
    path(f"{LOGS}/verify", TrailProofView.as_view({"get": "check"})),
    path(f"{LOGS}/proof", TrailProofView.as_view({"get": "state"})),
    path(f"{LOGS}/anchors", TrailProofView.as_view({"get": "anchors"})),
    path(f"{LOGS}/verifier", TrailProofView.as_view({"get": "verifier"})),
    path(f"{LOGS}/find", AuditLogsView.as_view({"post": "find"})),
    path(f"{LOGS}/history/<str:object_id>", AuditLogsView.as_view({"get": "history"})),
    path(f"{LOGS}/<str:entry_id>/diff", AuditLogsView.as_view({"get": "diff"})),
]
