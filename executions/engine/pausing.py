"""Pause tasks, pauses asked for, and breakpoints: what holds an execution, and what lets it go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from executions.engine import lanes
from executions.engine.compiled import Kind
from executions.engine.decisions import Timer
from executions.engine.ending import finish
from executions.engine.records import TaskRun
from executions.engine.work import Work
from plugins.contracts import State
from plugins.contracts.plans import Plan, Rest


def is_paused(work: Work) -> bool:
    """While paused nothing begins; what runs may end."""
    frame = work.execution.frame
    return bool(frame.get("held") or frame.get("paused"))


def count(work: Work, what: str, change: int) -> None:
    """Keep count in the root's frame of the task runs that decide the execution's own state."""
    frame = work.frame(None)
    frame[what] = frame.get(what, 0) + change


def rest(work: Work, run: TaskRun, plan: Plan) -> None:
    """A Pause task begins: it holds the whole execution until resumed, or until its time has come."""
    assert plan.rest is not None
    work.frame(run)["rest"] = {
        "branch": plan.branch,
        "on_delay": plan.rest.on_delay.value,
        "on_timeout": plan.rest.on_timeout.value,
    }
    work.move(run, State.PAUSED)
    run.waits_for = "resume"
    count(work, "paused", 1)
    _set_timers(work, run, plan.rest)


def _set_timers(work: Work, run: TaskRun, rest: Rest) -> None:
    for name, wait in (("delay", rest.delay), ("timeout", rest.timeout)):
        if wait is not None:
            work.decisions.timers.append(Timer(f"{name}:{run.id}", work.at + wait))


def time_is_up(work: Work, run: TaskRun, name: str) -> str | None:
    """The delay or the timeout of a Pause task has passed. Returns why the timer came too late, if it did."""
    if run.state is not State.PAUSED or run.frame is None:
        return "the task run is not paused"
    state = State(run.frame["rest"]["on_delay" if name == "delay" else "on_timeout"])
    resume(work, run, state)
    return None


def resume(
    work: Work, run: TaskRun, state: State, inputs: Mapping[str, Any] | None = None, actor: str | None = None
) -> None:
    """Let a paused task run go on (RUNNING), or end in a state of its own."""
    assert run.frame is not None
    count(work, "paused", -1)
    run.waits_for = None
    work.decisions.cancelled_timers += [f"delay:{run.id}", f"timeout:{run.id}"]
    if inputs or actor:
        by = {"by": actor, "on": work.at.isoformat(), "to": state.value}
        run.outputs = {**(run.outputs or {}), "onResume": dict(inputs or {}), "resumed": by}
    if state is State.RUNNING:
        _go_on(work, run, str(run.frame["rest"]["branch"]))
    elif state is State.CANCELLED:
        work.then("halt_cancelled", None)
        finish(work, run, State.CANCELLED)
    else:
        finish(work, run, state)
    work.then("release", None)


def _go_on(work: Work, run: TaskRun, branch: str) -> None:
    if lanes.tasks_of(work, run, branch):
        work.move(run, State.RUNNING)
        lanes.begin(work, run, Plan(branch=branch))
    else:
        finish(work, run, State.SUCCESS)


def release(work: Work) -> None:
    """Begin what was held back, once nothing holds the execution any more."""
    if is_paused(work) or work.execution.state.is_terminal:
        return
    for run in work.unfinished_tree():
        if run.waits_for == "resume" and run.state in (State.CREATED, State.RESTARTED):
            run.waits_for = None
            work.touch(run)
            work.then("open", run)
        elif run.state is State.RUNNING and work.node(run).kind is Kind.TURNS:
            work.then("open_turns", run)
    work.then("advance", None)


def stop_at_breakpoint(work: Work, run: TaskRun) -> None:
    work.move(run, State.BREAKPOINT)
    run.waits_for = "breakpoint"
    count(work, "stopped", 1)


def leave_breakpoint(work: Work, run: TaskRun) -> None:
    work.move(run, State.CREATED)
    run.waits_for = None
    count(work, "stopped", -1)
