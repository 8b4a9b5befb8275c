"""Addresses of what executions leave behind: log lines, outputs, files, figures."""

from __future__ import annotations

from django.urls import path

from executions.api.files import FileView
from executions.api.logs import LogView
from executions.api.metrics import MetricView
from executions.api.outputs import OutputView

TENANT = "api/v1/<str:tenant>"
LOGS = f"{TENANT}/logs"
METRICS = f"{TENANT}/metrics"
OUTPUTS = f"{TENANT}/outputs"
FILE = f"{TENANT}/executions/<str:execution_id>/file"
OF_FLOW = "<str:namespace>/<str:flow_id>"

urlpatterns = [
    path(f"{LOGS}/search", LogView.as_view({"get": "search"})),
    path(f"{LOGS}/<str:execution_id>", LogView.as_view({"get": "list", "delete": "delete"})),
    path(f"{LOGS}/<str:execution_id>/download", LogView.as_view({"get": "download"})),
    path(f"{OUTPUTS}/executions/<str:execution_id>", OutputView.as_view({"get": "of_execution"})),
    # Newer clients say `tasks`; older ones name the execution at once.
    path(f"{OUTPUTS}/tasks/<str:execution_id>", OutputView.as_view({"get": "list"})),
    path(f"{OUTPUTS}/tasks/<str:execution_id>/<str:task_run_id>", OutputView.as_view({"get": "read"})),
    path(f"{OUTPUTS}/<str:execution_id>", OutputView.as_view({"get": "list"})),
    path(f"{OUTPUTS}/<str:execution_id>/<str:task_run_id>", OutputView.as_view({"get": "read"})),
    path(FILE, FileView.as_view({"get": "download"})),
    path(f"{FILE}/metas", FileView.as_view({"get": "metas"})),
    path(f"{FILE}/preview", FileView.as_view({"get": "preview"})),
    path(f"{METRICS}/<str:execution_id>", MetricView.as_view({"get": "of_execution"})),
    path(f"{METRICS}/names/{OF_FLOW}", MetricView.as_view({"get": "names"})),
    path(f"{METRICS}/names/{OF_FLOW}/<str:task_id>", MetricView.as_view({"get": "names"})),
    path(f"{METRICS}/tasks/{OF_FLOW}", MetricView.as_view({"get": "tasks"})),
    path(f"{METRICS}/aggregates/{OF_FLOW}/<str:metric>", MetricView.as_view({"get": "aggregate"})),
    path(f"{METRICS}/aggregates/{OF_FLOW}/<str:task_id>/<str:metric>", MetricView.as_view({"get": "aggregate"})),
]
