"""Reads of what task runs brought."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.words.errors import NotFound
from executions.engine.sealed import shown
from executions.models import Execution, TaskRun


def flow_outputs(execution_id: str) -> dict[str, Any]:
    """The outputs that the flow declares; empty until it has ended. NotFound when there is no such execution."""
    row = Execution.objects.filter(id=execution_id).only("outputs").first()
    if row is None:
        raise NotFound(f"Execution '{execution_id}' was not found")
    outputs: dict[str, Any] = shown(row.outputs or {})
    return outputs


def runs_with_outputs(execution_id: str) -> list[TaskRun]:
    """Task runs that have outputs, in order, without them."""
    rows = TaskRun.objects.filter(execution_id=execution_id, outputs__isnull=False)
    return list(rows.only("id", "task_id", "value", "iteration").order_by("seq"))


def outputs_of(execution_id: str, task_run_id: str) -> dict[str, Any]:
    """One task run's outputs; empty when it has none. NotFound when there is no such task run."""
    row = TaskRun.objects.filter(execution_id=execution_id, id=task_run_id).only("outputs").first()
    if row is None:
        raise NotFound(f"Task run '{task_run_id}' was not found in execution '{execution_id}'")
    outputs: dict[str, Any] = shown(row.outputs or {})
    return outputs
