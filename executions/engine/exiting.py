"""Tasks that end the execution they stand in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from executions.engine import halting
from executions.engine.ending import fail
from executions.engine.records import Attempt, Step, TaskRun
from executions.engine.rendering import RenderFailure, values_or_wait
from executions.engine.work import Work
from plugins.contracts import PluginError, State
from plugins.contracts.plans import EndingTask


def begin(work: Work, run: TaskRun) -> None:
    try:
        values = values_or_wait(work, run, work.node(run).control, key=f"plan:{run.id}", waits_for="plan")
    except RenderFailure as failure:
        _cannot_end(work, run, str(failure))
        return
    if values is not None:
        end(work, run, values)


def end(work: Work, run: TaskRun, values: Mapping[str, Any]) -> None:
    """Bring the task run to the state it asks for, and the execution with it."""
    task = work.node(run).task
    assert isinstance(task, EndingTask)
    try:
        state = task.end_state(values)
    except PluginError as error:
        _cannot_end(work, run, str(error))
        return
    run.waits_for = None
    number = len(run.attempts) + 1
    run.attempts.append(Attempt(number, [Step(each, work.at) for each in (State.CREATED, State.RUNNING, state)]))
    work.move(run, State.RUNNING)
    work.move(run, state)
    if not work.execution.state.is_terminal:
        halting.exit_as(work, state)
    work.then("ended", run)


def _cannot_end(work: Work, run: TaskRun, reason: str) -> None:
    run.attempts.append(Attempt(len(run.attempts) + 1, [Step(State.FAILED, work.at)], error=reason))
    fail(work, run, reason)
