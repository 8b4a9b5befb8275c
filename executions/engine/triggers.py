"""What began an execution, as its record keeps it and as expressions see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from executions.engine.records import Execution, TaskRun


def trigger_record(trigger_id: str, trigger_type: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    """As it is kept."""
    return {"id": trigger_id, "type": trigger_type, "variables": dict(variables)}


def parent_trigger(parent: Execution, run: TaskRun, task_type: str) -> dict[str, Any]:
    """Of an execution that a task started. A task in a loop is known by the whole execution and its turn."""
    turn = parent.loop_run
    variables: dict[str, Any] = {
        "executionId": turn["rootId"] if turn is not None else parent.id,
        "namespace": parent.namespace,
        "flowId": parent.flow_id,
        "flowRevision": parent.flow_revision,
        "taskId": run.task_id,
        "taskRunId": run.id,
    }
    if turn is not None:
        variables |= {"loopTaskRunId": turn["taskRunId"], "loopIndex": turn["index"]}
    return trigger_record(run.task_id, task_type, variables)


def trigger_in_expressions(trigger: Mapping[str, Any]) -> dict[str, Any]:
    """The variable `trigger`: what it brought, and under `_context` what it is."""
    context = {key: trigger[key] for key in ("id", "type") if key in trigger}
    brought = trigger.get("variables", {key: value for key, value in trigger.items() if key not in context})
    return {**brought, "_context": context}
