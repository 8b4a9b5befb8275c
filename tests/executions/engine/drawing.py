"""Flows written short, run in the simulator, and drawn as a tree of what became of their task runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from textwrap import dedent
from typing import Any

from executions.engine import events as ev
from executions.engine.records import TaskRun
from executions.simulator.fleet import Done, SimulatedJob
from executions.simulator.simulated import Simulated
from executions.simulator.world import Simulator
from flows.model.parse import parse_document
from plugins.contracts import State

P = "io.kestra.plugin.core."
SHORT = {"do": P + "debug.Return"}


def task(task_id: str, kind: str = "do", **over: Any) -> dict[str, Any]:
    """`do` is a task whose outcome the script decides; any other kind is a flowable by its last name."""
    type_name = SHORT.get(kind, f"{P}flow.{kind}")
    document: dict[str, Any] = {"id": task_id, "type": type_name, **over}
    if kind == "do":
        document.setdefault("format", "{{ task.id }}")
    return document


def do(*ids: str, **over: Any) -> list[dict[str, Any]]:
    return [task(task_id, **over) for task_id in ids]


def flow_of(*tasks: dict[str, Any], id: str = "drawn", **over: Any) -> Any:
    return parse_document({"id": id, "namespace": "company.team", "tasks": list(tasks), **over}).flow


def outcomes(**states: Any) -> Callable[[SimulatedJob], Done]:
    """A script by task id: a state, a list of states for its attempts, or a Done; everything else succeeds.

    `-` in ids is written `_`.
    """

    def script(job: SimulatedJob) -> Done:
        said = states.get(job.task.id.replace("-", "_"), State.SUCCESS)
        if isinstance(said, list):
            said = said[min(job.attempt, len(said)) - 1]
        if isinstance(said, Done):
            return said
        error = f"{job.task.id} failed" if said is State.FAILED else None
        return Done(said, {"value": job.task.id}, error, took=timedelta(seconds=1))

    return script


def start(
    *tasks: dict[str, Any], script: Any = None, inputs: Any = None, flows: Any = (), **over: Any
) -> tuple[Simulator, Simulated]:
    """A world and an execution in it to which nothing has happened yet."""
    world = Simulator(flows, script=script or outcomes())
    flow = world.add(flow_of(*tasks, **over))
    return world, world.start("company.team", flow.flow.id, inputs or {}, resolve=inputs is None)


def run(*tasks: dict[str, Any], **over: Any) -> Simulated:
    world, execution = start(*tasks, **over)
    world.settle()
    return execution


def draw(execution: Simulated) -> str:
    """State of the execution, then a line for each task run, indented below the one around it."""
    lines = [execution.state.value]
    below: dict[str | None, list[TaskRun]] = {}
    for each in execution.runs:
        below.setdefault(each.parent_id, []).append(each)

    def walk(parent: str | None, depth: int) -> None:
        for each in below.get(parent, ()):
            value = f"[{each.value}]" if each.value is not None else ""
            tries = f" x{len(each.attempts)}" if len(each.attempts) > 1 else ""
            lines.append(f"{'  ' * depth}{each.task_id}{value} {each.state.value}{tries}")
            walk(each.id, depth + 1)

    walk(None, 1)
    return "\n".join(lines)


def drawing(text: str) -> str:
    return dedent(text).strip()


def history(record: Any) -> str:
    return " ".join(step.state.value for step in record.history)


def send(world: Simulator, execution: Simulated, event: type[ev.Event], **fields: Any) -> str | None:
    """Fold an event now; return why it was refused, if it was."""
    return world.send(execution, lambda at, seed: event(at=at, seed=seed, **fields)).refused


def until_state(world: Simulator, execution: Simulated, state: State) -> None:
    assert world.until(lambda: execution.state is state), f"never {state}, but {execution.state}"


def messages(execution: Simulated) -> list[str]:
    return [line.message for line in execution.logs]


def outputs(execution: Simulated, task_id: str) -> Mapping[str, Any]:
    return execution.runs_of(task_id)[0].outputs or {}


def at(world: Simulator, seconds: float) -> None:
    """Let that much time pass."""
    end = world.clock.now + timedelta(seconds=seconds)
    world.clock.plan(end, lambda: None)
    world.until(lambda: world.clock.now >= end)
