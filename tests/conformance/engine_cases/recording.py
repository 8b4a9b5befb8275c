"""What an execution came to, written down as the measured cases are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.conformance.engine_cases.wording import Wording
from tests.conformance.seen import Seen, SeenRun

LOOP_RUN = ("item", "value", "iteration", "key", "index")
TOLD = ("ERROR", "WARN", "INFO")
Record = dict[str, Any]


def record(seen: Seen, wording: Wording) -> Record:
    names = {seen.id: "<exec>"} | {run.id: f"<tr:{_named(run.task, run.value)}>" for run in seen.runs}
    found: Record = {
        "state": seen.state,
        "history": seen.history,
        "labels": sorted(f"{key}={'<id>' if key == 'system.correlationId' else value}" for key, value in seen.labels),
        "inputs": seen.inputs,
        "outputs": seen.outputs,
        "variables": seen.variables,
        "taskRuns": [_run(seen, run) for run in seen.runs],
        "logs": _lines(seen, wording.namespace),
        "metrics": sorted(map(_metric, filter(lambda each: each.get("name") != "duration", seen.metrics))),
    }
    if seen.kind:
        found["kind"] = seen.kind
    if seen.trigger:
        variables = sorted((seen.trigger.get("variables") or {}).keys())
        found["trigger"] = {"id": seen.trigger.get("id"), "type": seen.trigger.get("type"), "variables": variables}
    if seen.loop_run:
        shown = {key: value for key, value in seen.loop_run.items() if key in LOOP_RUN and value is not None}
        found["loopRun"] = shown or sorted(seen.loop_run)
    return dict(wording.value(found, names))


def _named(task: str, value: str | None) -> str:
    return task if value is None else f"{task}:{value}"


def _run(seen: Seen, run: SeenRun) -> Record:
    parent = seen.run(run.parent_id)
    return {
        "task": run.task,
        "value": run.value,
        "iteration": run.iteration,
        "parent": _named(parent.task, parent.value) if parent else None,
        "history": run.history,
        "attempts": run.attempts,
        "outputs": run.outputs,
    }


def _lines(seen: Seen, namespace: str) -> list[Record]:
    """Ordered by their task; a line about an execution of another case is none of this one's."""
    of_others = re.compile(rf"\[namespace: (?!{re.escape(namespace)})")
    values = {run.id: run.value for run in seen.runs}
    lines = [
        {"task": line.task, "value": values.get(line.task_run_id or ""), "level": line.level, "message": line.message}
        for line in seen.logs
        if line.level in TOLD and not of_others.search(line.message)
    ]
    return sorted(lines, key=lambda line: (line["task"] or "", str(line["value"])))


def _metric(metric: Mapping[str, Any]) -> str:
    tags = json.dumps(metric.get("tags"), sort_keys=True)
    return f"{metric.get('taskId')}:{metric.get('name')}:{metric.get('type')}:{metric.get('value')}:{tags}"
