"""Pause tasks, pauses asked for, and breakpoints: what holds an execution, and what lets it go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from executions.engine import holding, lanes
from executions.engine.compiled import Kind
from executions.engine.decisions import Timer
from executions.engine.ending import finish
from executions.engine.records import TaskRun
from executions.engine.stopping import stop_below
from executions.engine.work import Work
from plugins.contracts import State
from plugins.contracts.plans import Plan, Rest


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
    holding.count(work, holding.PAUSED, 1)
    _set_timers(work, run, plan.rest)
    lanes.run_side(work, run, "onPause")


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
    holding.leave_rest(work, run)
    branch = str(run.frame["rest"]["branch"])
    _tell_resumed(work, run, _end_of(work, run, branch) if state is State.RUNNING else state, actor)
    if inputs:
        given = {name: value for name, value in inputs.items() if value is not None}
        run.outputs = {"onResume": given, **(run.outputs or {})}
    _bring_to(work, run, branch, state)
    if state is not State.CANCELLED and work.execution.state is State.PAUSED and not holding.is_paused(work):
        work.move_execution(State.RESTARTED)
    work.then("release", None)


def _end_of(work: Work, run: TaskRun, branch: str) -> State:
    """What a pause that goes on comes to at once: its end when it holds no tasks."""
    return State.RUNNING if lanes.tasks_of(work, run, branch) else State.SUCCESS


def _tell_resumed(work: Work, run: TaskRun, state: State, actor: str | None) -> None:
    resumed = {"on": work.at.isoformat(), "to": state.value}
    run.outputs = {**(run.outputs or {}), "resumed": resumed if actor is None else {**resumed, "by": actor}}


def _bring_to(work: Work, run: TaskRun, branch: str, state: State) -> None:
    if state in (State.WARNING, State.CANCELLED):
        stop_below(work, run, State.KILLED)
    if state is State.RUNNING:
        _go_on(work, run, branch)
    elif state is State.CANCELLED:
        work.then("halt_cancelled", None)
        finish(work, run, State.CANCELLED)
    elif state is State.FAILED and _has_more(work, run):
        work.move(run, State.RUNNING)
        lanes.begin_failed(work, run)
    else:
        finish(work, run, state)


def _has_more(work: Work, run: TaskRun) -> bool:
    """Whether something is to run after its own tasks, or still runs beside the pause."""
    is_busy = bool((run.frame or {}).get("beside"))
    return is_busy or any(lanes.tasks_of(work, run, branch) for branch in ("errors", "finally"))


def _go_on(work: Work, run: TaskRun, branch: str) -> None:
    if lanes.tasks_of(work, run, branch) or _has_more(work, run):
        work.move(run, State.RUNNING)
        lanes.begin(work, run, Plan(branch=branch))
    else:
        finish(work, run, State.SUCCESS)


def kill_paused(work: Work, run: TaskRun) -> None:
    """A kill ends the pause first."""
    _tell_resumed(work, run, State.KILLING, None)
    if work.execution.state is State.PAUSED:
        work.move_execution(State.RESTARTED)


def release(work: Work) -> None:
    """Begin what was held back, once nothing holds the execution any more."""
    if holding.is_paused(work) or work.execution.state.is_terminal:
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
    holding.count(work, "stopped", 1)


def leave_breakpoint(work: Work, run: TaskRun) -> None:
    work.move(run, State.CREATED)
    run.waits_for = None
    holding.count(work, "stopped", -1)
