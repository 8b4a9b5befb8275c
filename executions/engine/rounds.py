"""Loops that run until a condition holds: one round of task runs replaces the one before it.

Between two rounds the loop is PAUSED, and holds nothing but itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from executions.engine import holding, lanes
from executions.engine.decisions import Timer
from executions.engine.ending import fail, finish
from executions.engine.records import TaskRun
from executions.engine.rendering import RenderFailure, values_or_wait
from executions.engine.stopping import stop_below
from executions.engine.work import Work
from plugins.contracts import LogLevel, State
from plugins.contracts.plans import FlowableTask, Plan, Rounds

key = holding.round_key


def begin(work: Work, run: TaskRun, rounds: Rounds) -> None:
    """Remember the bounds, and be woken when the time is up."""
    until = work.at + rounds.max_duration if rounds.max_duration is not None else None
    work.frame(run)["rounds"] = {
        "interval": rounds.interval.total_seconds(),
        "most": rounds.max_iterations,
        "until": until.isoformat() if until is not None else None,
        "fails": rounds.fails_when_reached,
        "done": 1,
    }
    if until is not None:
        work.decisions.timers.append(Timer(f"limit:{run.id}", until))


def ask(work: Work, run: TaskRun) -> None:
    """A round is over: is the loop done?"""
    try:
        values = values_or_wait(work, run, work.node(run).question, key=key(run), waits_for="round")
    except RenderFailure as failure:
        fail(work, run, str(failure))
        return
    if values is not None:
        answer(work, run, values)


def answer(work: Work, run: TaskRun, values: Mapping[str, Any]) -> None:
    task = work.node(run).task
    assert isinstance(task, FlowableTask)
    rounds = work.frame(run)["rounds"]
    due = work.at + timedelta(seconds=rounds["interval"])
    if task.is_done(values):
        _end(work, run, lanes.worst(work.frame(run)))
    elif rounds["most"] is not None and rounds["done"] > rounds["most"]:
        _limit_reached(work, run, "Max iterations reached")
    elif rounds["until"] is not None and due > datetime.fromisoformat(rounds["until"]):
        _limit_reached(work, run, "Max duration reached")
    else:
        _rest(work, run, due)


def _end(work: Work, run: TaskRun, state: State) -> None:
    work.decisions.cancelled_timers.append(f"limit:{run.id}")
    finish(work, run, state)


def _limit_reached(work: Work, run: TaskRun, reason: str) -> None:
    frame = work.frame(run)
    work.log(LogLevel.WARN, reason, run)
    _end(work, run, State.FAILED if frame["rounds"]["fails"] else lanes.worst(frame))


def _rest(work: Work, run: TaskRun, due: datetime) -> None:
    run.outputs = {**(run.outputs or {}), "iterationCount": work.frame(run)["rounds"]["done"] + 1}
    run.waits_for = f"round:{due.isoformat()}"
    work.move(run, State.PAUSED)
    holding.count(work, holding.RESTING, 1)
    work.decisions.timers.append(Timer(key(run), due))


def time_is_up(work: Work, run: TaskRun) -> str | None:
    """The longest duration has passed: the round that runs is ended with its loop."""
    if run.state is State.PAUSED:
        holding.leave_rest(work, run)
        work.move(run, State.RUNNING)
    if run.state is not State.RUNNING or run.frame is None:
        return "the loop has ended"
    stop_below(work, run, State.KILLED)
    _limit_reached(work, run, "Max duration reached")
    return None


def again(work: Work, run: TaskRun) -> None:
    """Begin the next round."""
    holding.leave_rest(work, run)
    for child in list(_below(work, run)):
        work.delete(child)
    frame = work.frame(run)
    run.iteration = frame["rounds"]["done"]
    frame["rounds"]["done"] += 1
    work.move(run, State.RUNNING)
    lanes.begin(work, run, Plan(branch=frame["branch"]))


def _below(work: Work, run: TaskRun) -> Iterator[TaskRun]:
    for child in work.ledger.children(run.id):
        yield child
        yield from _below(work, child)
