"""The simulator as a host of measured cases: its own time, the real engine, the real tasks."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from control_plane.kernel.words.egress import EgressPolicy
from control_plane.kernel.words.errors import ControlPlaneError
from executions.engine import acts
from executions.engine import events as ev
from executions.engine.checks import blocked, failed_checks, strongest
from executions.engine.compiled import CompiledFlow
from executions.engine.start import FROM, IS_REPEATED, forbidden_labels, new_execution
from executions.simulator.simulated import Simulated
from executions.simulator.world import Simulator
from flows.expressions import Environment
from flows.model.errors import FlowInvalid
from flows.model.inputs.definitions import Input
from flows.model.inputs.ports import Upload
from flows.model.inputs.resolve import Resolved, ResolvedInput, resolve_inputs
from plugins.contracts import State
from tests.conformance.engine_cases.playing import END, Answer, Step
from tests.conformance.run_inputs import model_of
from tests.conformance.seen import Seen, plain, seen
from workers.runtime.services import Way

AFTER = 0.4
"""Seconds until what follows an end is written down."""
UPLOAD = "up.txt"


@dataclass
class SimulatedHost:
    """One world for one case."""

    namespace: str

    def __post_init__(self) -> None:
        self.world = Simulator(
            now=datetime(2026, 11, 30, 12, tzinfo=UTC),
            encryption_key=os.urandom(32),
            http_service=Way(EgressPolicy(allow_private=True)),
        )
        self.drafts: set[str] = set()

    def save(self, source: str) -> Answer:
        try:
            flow = self.world.add(source).flow
        except FlowInvalid as invalid:
            return Answer(422, f"Invalid entity: {invalid.message}")
        if getattr(flow, "draft", False):
            self.drafts.add(flow.id)
        return Answer()

    def _flow(self, flow_id: str) -> CompiledFlow:
        return self.world.flows[self.namespace, flow_id]

    def start(self, flow: str, step: Step) -> Answer:
        compiled = self._flow(flow)
        labels, problem = _labels(step.get("labels", ()))
        if flow in self.drafts:
            return Answer(404, "Not Found: Requested Flow is not found.")
        if compiled.flow.disabled:
            return Answer(409, "Illegal state: Requested Flow is disabled.")
        if problem:
            return Answer(422, problem)
        try:
            return self._begin(compiled, step, labels)
        except ControlPlaneError as error:
            return Answer(error.status, f"Invalid entity: {error}")

    def _begin(self, flow: CompiledFlow, step: Step, labels: Mapping[str, str]) -> Answer:
        name, _, value = step.get("query", "").partition("=")
        over: dict[str, Any] = {"breakpoints": value.split(",")} if name == "breakpoints" else {}
        started = self.world.start(self.namespace, flow.flow.id, _given(step), {FROM: "api", **labels}, **over)
        failed = failed_checks(flow, started.execution, self._environment())
        decisive = strongest(failed)
        if decisive is not None and decisive.behavior == "BLOCK_EXECUTION":
            self.world.executions.pop(started.id)
            self.world.skipped.add(started.id)
            return Answer(422, f"Illegal argument: {blocked(failed)}")
        return Answer(id=started.id)

    def _environment(self) -> Environment:
        return Environment(clock=lambda: self.world.clock.now, random=random.Random(0))

    def act(self, name: str, execution_id: str, step: Step) -> Answer:
        target = self.world.executions[execution_id]
        if name == "replay":
            return self._replay(target, step)
        try:
            make = _EVENTS[name](target, step, self)
        except ControlPlaneError as error:
            return Answer(error.status, f"Invalid entity: {error}")
        decisions = self.world.send(target, make)
        return Answer(409, decisions.refused) if decisions.refused is not None else Answer()

    def _replay(self, target: Simulated, step: Step) -> Answer:
        run_id = None
        if step.get("task"):
            runs = [run for run in target.runs_of(step["task"]) if step.get("value") in (None, run.value)]
            run_id = runs[0].id if runs else "missing"
        try:
            execution, runs = acts.replay(
                target.flow, target.ledger, run_id, id=self.world.new_id(), at=self.world.clock.now, seed=7
            )
        except acts.ActRefused as refused:
            return Answer(422, str(refused))
        self.world.send(target, lambda at, seed: ev.LabelsSet(at=at, seed=seed, labels=IS_REPEATED))
        self.world.adopt(target.flow, execution, runs)
        return Answer(id=execution.id)

    def until(self, execution_id: str, state: str, limit: float) -> str | None:
        target = self.world.executions[execution_id]

        def is_there() -> bool:
            return target.is_done if state == END else target.state.value == state or target.state.is_terminal

        if self.world.until(is_there, timedelta(seconds=limit)) and state == END:
            self.rest(AFTER)
        is_reached = target.state.is_terminal if state == END else target.state.value == state
        return None if is_reached else target.state.value

    def rest(self, seconds: float) -> None:
        end = self.world.clock.now + timedelta(seconds=seconds)
        self.world.clock.plan(end, lambda: None)
        self.world.until(lambda: self.world.clock.now >= end)

    def see(self, execution_id: str) -> Seen:
        return seen(self.world.executions[execution_id])

    def of_flow(self, flow: str, count: int | None, limit: float) -> Sequence[str]:
        def found() -> list[Simulated]:
            every = self.world.executions.values()
            return [each for each in every if each.execution.flow_id == flow and each.execution.kind != "LOOP"]

        def are_there() -> bool:
            return (count is None or len(found()) >= count) and all(each.is_done for each in found())

        self.world.until(are_there, timedelta(seconds=limit))
        self.rest(AFTER)
        return [each.id for each in found()]

    def loops(self) -> Sequence[Seen]:
        return [seen(each) for each in self.world.executions.values() if each.execution.kind == "LOOP"]

    def pair(self, key: str) -> Answer:
        value = self.world.memory_stores.kv.get((self.namespace, key))
        if value is None:
            return Answer(404, f"Not Found: No value found for key '{key}' in namespace '{self.namespace}'")
        shown = plain(value)
        return Answer(found={"type": _kind(shown), "value": shown, "revision": 1, "updated": "<time>"})

    def validate(self, flow: str, step: Step) -> Answer:
        compiled = self._flow(flow)
        resolved = self._resolved(compiled, _given(step))
        failed = []
        if not resolved.errors:
            record = new_execution(compiled, id="tried", tenant="main", at=self.world.clock.now, inputs=resolved.values)
            failed = failed_checks(compiled, record, self._environment())
        checks = [{"message": each.message, "style": each.style, "behavior": each.behavior} for each in failed]
        return Answer(found={"inputs": [_checked(entry) for entry in resolved.inputs], "checks": checks})

    def _resolved(self, flow: CompiledFlow, given: Mapping[str, Any]) -> Resolved:
        scope = {"flow": {"id": flow.flow.id, "namespace": self.namespace}}
        return resolve_inputs(flow.flow.inputs, given, scope=scope, env=self._environment())


def _checked(entry: ResolvedInput) -> dict[str, Any]:
    return {
        "input": {"id": entry.definition.id},
        "value": plain(entry.value),
        "enabled": entry.enabled,
        "isDefault": entry.is_default,
        "errors": [{"message": entry.error}] if entry.error else [],
    }


def _given(step: Step) -> dict[str, Any]:
    """Parts of a form: texts, and files with a name."""
    given: dict[str, Any] = dict(step.get("inputs") or {})
    for name, file in (step.get("files") or {}).items():
        file_name, content = file if isinstance(file, list) else (UPLOAD, file)
        given[name] = Upload(file_name, content.encode())
    return given


def _labels(texts: Sequence[str]) -> tuple[dict[str, str], str | None]:
    labels: dict[str, str] = {}
    for text in texts:
        key, colon, value = text.partition(":")
        if not colon:
            return {}, "Unprocessable Entity: Can't split the queryString parameter by ':'"
        if not key or not value:
            return {}, "Unprocessable Entity: Can't have an empty part of queryString"
        labels[key] = value
    for name in forbidden_labels(labels):
        message = "Illegal argument: System labels can only be set by Kestra itself, offending label: "
        return {}, f"{message}{name}={labels[name]}"
    return labels, None


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "BOOLEAN"
    if isinstance(value, int | float):
        return "NUMBER"
    return "STRING" if isinstance(value, str) else "JSON"


Make = Callable[[datetime, int], ev.Event]


def _resume(target: Simulated, step: Step, host: SimulatedHost) -> Make:
    """Raises what the API would answer with when the values do not fit."""
    values: dict[str, Any] = _given(step)
    paused = next((run for run in target.runs if run.state is State.PAUSED), None)
    asked = paused and getattr(target.flow.nodes[paused.task_id].task, "on_resume", None)
    if asked:
        env = Environment(clock=lambda: host.world.clock.now)
        values = resolve_inputs([model_of(Input, entry) for entry in asked], values, scope={}, env=env).require()
    return lambda at, seed: ev.ResumeRequested(at=at, seed=seed, inputs=values)


def _mark(target: Simulated, step: Step, host: SimulatedHost) -> Make:
    run = target.runs_of(step["task"])[0]
    return lambda at, seed: ev.TaskRunMarked(at=at, seed=seed, task_run_id=run.id, state=State(step["to"]))


def _plainly(event: type[ev.Event]) -> Callable[[Simulated, Step, SimulatedHost], Make]:
    return lambda target, step, host: lambda at, seed: event(at=at, seed=seed)


_EVENTS: dict[str, Callable[[Simulated, Step, SimulatedHost], Make]] = {
    "kill": _plainly(ev.KillRequested),
    "restart": _plainly(ev.RestartRequested),
    "pause": _plainly(ev.PauseRequested),
    "force-run": _plainly(ev.RunForced),
    "unqueue": _plainly(ev.Unqueued),
    "resume-bp": _plainly(ev.BreakpointResumed),
    "resume": _resume,
    "state": _mark,
}
