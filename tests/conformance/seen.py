"""An execution as a case looks at it, whoever ran it: the simulator or a server."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from control_plane.kernel.words.clock import iso
from control_plane.kernel.words.durations import format_duration
from executions.engine.records import Execution, TaskRun
from executions.engine.variables import variables_of
from executions.simulator.simulated import Simulated
from executions.simulator.worker_pool import SEALER

Json = Mapping[str, Any]
FLAT_KEYS = {"id", "type", "variables"}


def _open(outputs: Any) -> Any:
    """The corpus shows outputs with the secrets in them in the clear; here they are closed, and shown masked."""
    return SEALER.opened(outputs)[0]


@dataclass(frozen=True, slots=True)
class SeenLine:
    """One line of a log."""

    level: str
    message: str
    task: str | None = None
    task_run_id: str | None = None


@dataclass(slots=True)
class SeenRun:
    """One task run. `attempts` holds the history of each attempt."""

    id: str
    task: str
    state: str
    history: list[str]
    value: str | None = None
    iteration: int | None = None
    parent_id: str | None = None
    attempts: list[list[str]] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def attempt_states(self) -> list[str]:
        return [history[-1] for history in self.attempts]


@dataclass(slots=True)
class Seen:
    """One execution with its task runs in the order they were created."""

    id: str
    namespace: str
    flow_id: str
    flow_revision: int | None
    state: str
    history: list[str]
    labels: list[tuple[str, str]] = field(default_factory=list)
    inputs: dict[str, Any] | None = None
    outputs: dict[str, Any] | None = None
    variables: dict[str, Any] | None = None
    trigger: dict[str, Any] | None = None
    parent_id: str | None = None
    original_id: str | None = None
    schedule_date: str | None = None
    kind: str | None = None
    loop_run: dict[str, Any] | None = None
    runs: list[SeenRun] = field(default_factory=list)
    logs: list[SeenLine] = field(default_factory=list)
    metrics: list[dict[str, Any]] = field(default_factory=list)
    dates: list[datetime] = field(default_factory=list)

    def run(self, run_id: str | None) -> SeenRun | None:
        return next((run for run in self.runs if run.id == run_id), None)

    def path(self, run: SeenRun) -> list[str]:
        """The values of the loops around a task run, outermost first, and its own."""
        values: list[str] = []
        around: SeenRun | None = run
        while around is not None:
            values += [] if around.value is None else [around.value]
            around = self.run(around.parent_id)
        return values[::-1]


def plain(value: Any) -> Any:
    """A value as JSON holds it."""
    return json.loads(json.dumps(value, default=_spelt, ensure_ascii=False))


def _spelt(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value) if value.tzinfo else value.isoformat()
    if isinstance(value, timedelta):
        return format_duration(value)
    if isinstance(value, date | time):
        return value.isoformat()
    return list(value) if isinstance(value, set | frozenset | tuple) else str(value)


def seen(simulated: Simulated) -> Seen:
    """How an execution of a simulation stands now."""
    found = seen_records(simulated.execution, simulated.runs)
    found.variables = plain(dict(variables_of(simulated.flow, simulated.execution))) or None
    found.logs = [SeenLine(line.level.value, line.message, line.task_id, line.task_run_id) for line in simulated.logs]
    found.metrics = plain(simulated.metrics)
    return found


def seen_records(record: Execution, runs: Sequence[TaskRun]) -> Seen:
    loop_run = getattr(record, "loop_run", None)
    return Seen(
        id=record.id,
        namespace=record.namespace,
        flow_id=record.flow_id,
        flow_revision=record.flow_revision,
        state=record.state.value,
        history=[step.state.value for step in record.history],
        labels=list(record.labels.items()),
        inputs=plain(record.inputs) or None,
        outputs=plain(_open(record.outputs)) if loop_run is None else None,
        variables=plain(record.variables) or None,
        trigger=shown_trigger(plain(record.trigger)),
        parent_id=record.parent_id,
        original_id=record.original_id or record.id,
        schedule_date=iso(record.schedule_date) if record.schedule_date else None,
        kind=record.kind,
        loop_run=plain(loop_run) if loop_run else None,
        runs=[_seen_run(run) for run in runs],
        dates=[step.date for step in record.history],
    )


def _seen_run(run: TaskRun) -> SeenRun:
    return SeenRun(
        id=run.id,
        task=run.task_id,
        state=run.state.value,
        history=[step.state.value for step in run.history],
        value=run.value,
        iteration=run.iteration,
        parent_id=run.parent_id,
        attempts=[[step.state.value for step in attempt.history] for attempt in run.attempts],
        outputs=plain(_open(run.outputs)) or {},
    )


def shown_trigger(trigger: dict[str, Any] | None) -> dict[str, Any] | None:
    """What started an execution, with its variables apart also where a simulation keeps them flat."""
    if not trigger or "variables" in trigger:
        return trigger
    variables = {key: value for key, value in trigger.items() if key not in FLAT_KEYS}
    return {"id": trigger.get("id"), "type": trigger.get("type"), "variables": variables}


def seen_answer(shown: Json, logs: Sequence[Json] = (), metrics: Sequence[Json] = ()) -> Seen:
    """An execution as the API shows it."""
    histories = shown["state"].get("histories") or []
    return Seen(
        id=shown["id"],
        namespace=shown["namespace"],
        flow_id=shown["flowId"],
        flow_revision=shown.get("flowRevision"),
        state=shown["state"]["current"],
        history=[each["state"] for each in histories],
        labels=[(each["key"], each["value"]) for each in shown.get("labels") or ()],
        inputs=shown.get("inputs"),
        outputs=shown.get("outputs"),
        variables=shown.get("variables"),
        trigger=shown.get("trigger"),
        parent_id=shown.get("parentId"),
        original_id=shown.get("originalId"),
        schedule_date=shown.get("scheduleDate"),
        kind=shown.get("kind"),
        loop_run=shown.get("loopRun"),
        runs=[_answered_run(run) for run in shown.get("taskRunList") or ()],
        logs=[_answered_line(line) for line in logs],
        metrics=[dict(each) for each in metrics],
        dates=[datetime.fromisoformat(each["date"].replace("Z", "+00:00")) for each in histories],
    )


def _answered_run(run: Json) -> SeenRun:
    return SeenRun(
        id=run["id"],
        task=run["taskId"],
        state=run["state"]["current"],
        history=[each["state"] for each in run["state"].get("histories") or ()],
        value=run.get("value"),
        iteration=run.get("iteration"),
        parent_id=run.get("parentTaskRunId"),
        attempts=[[each["state"] for each in a["state"].get("histories") or ()] for a in run.get("attempts") or ()],
        outputs=dict(run.get("outputs") or {}),
    )


def _answered_line(line: Json) -> SeenLine:
    return SeenLine(line.get("level") or "", line.get("message") or "", line.get("taskId"), line.get("taskRunId"))
