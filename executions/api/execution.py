"""One execution over HTTP: read it, with its flow and its graph."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import require
from executions import shapes
from executions.permissions import EXECUTION
from executions.queries.execution import no_execution, read_shown


def read(request: HttpRequest, ctx: Context, execution_id: str) -> dict[str, Any]:
    kept, task_runs = read_shown(execution_id)
    require(ctx, EXECUTION.VIEW, kept.record.namespace, absent=no_execution(execution_id))
    return shapes.full(kept.record, task_runs)
