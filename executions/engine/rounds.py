"""Loops that run until a condition holds: one round of task runs replaces the one before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from executions.engine import lanes
from executions.engine.decisions import Timer
from executions.engine.ending import fail, finish
from executions.engine.records import TaskRun
from executions.engine.rendering import RenderFailure, order, rendered
from executions.engine.work import Work
from plugins.contracts import State
from plugins.contracts.plans import FlowableTask, Plan


def key(run: TaskRun) -> str:
    return f"round:{run.id}:{(run.frame or {})['rounds']['done']}"


def ask(work: Work, run: TaskRun) -> None:
    """A round is over: is the loop done?"""
    control = work.node(run).question
    try:
        values = rendered(work, control, run)
    except RenderFailure as failure:
        fail(work, run, str(failure))
        return
    if values is None:
        order(work, key(run), control, run)
        run.waits_for = "round"
        work.touch(run)
    else:
        answer(work, run, values)


def answer(work: Work, run: TaskRun, values: Mapping[str, Any]) -> None:
    task = work.node(run).task
    assert isinstance(task, FlowableTask)
    frame = work.frame(run)
    rounds = frame["rounds"]
    due = work.at + timedelta(seconds=rounds["interval"])
    if task.is_done(values):
        finish(work, run, lanes.worst(frame))
    elif _is_over(rounds, due):
        finish(work, run, State.FAILED if rounds["fails"] else lanes.worst(frame))
    else:
        run.waits_for = f"round:{due.isoformat()}"
        work.decisions.timers.append(Timer(key(run), due))


def _is_over(rounds: Mapping[str, Any], due: datetime) -> bool:
    most, until = rounds["most"], rounds["until"]
    return (most is not None and rounds["done"] >= most) or (until is not None and due > datetime.fromisoformat(until))


def again(work: Work, run: TaskRun) -> None:
    """Begin the next round."""
    for child in list(_below(work, run)):
        work.delete(child)
    frame = work.frame(run)
    frame["rounds"]["done"] += 1
    run.iteration = frame["rounds"]["done"]
    run.outputs = {**(run.outputs or {}), "iterationCount": run.iteration}
    run.waits_for = None
    lanes.begin(work, run, Plan(branch=frame["branch"]))


def _below(work: Work, run: TaskRun) -> Iterator[TaskRun]:
    for child in work.ledger.children(run.id):
        yield child
        yield from _below(work, child)
