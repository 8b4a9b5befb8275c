"""Addresses of executions and what they leave behind. Literal paths stand before those with a name in their place."""

from __future__ import annotations

from django.urls import path

from control_plane.kernel.api.fast import fast_view
from executions.api import execution
from executions.api.create import create_view
from executions.permissions import EXECUTION

EXECUTIONS = "api/v1/<str:tenant>/executions"

urlpatterns = [
    path(f"{EXECUTIONS}/<str:execution_id>", fast_view(get=(EXECUTION.VIEW, execution.read))),
    path(f"{EXECUTIONS}/<str:namespace>/<str:flow_id>", create_view),
]
