"""Attempts that go on and need nobody: a timer brings their end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.ids import new_id
from executions.engine import events as ev
from executions.record import sql
from executions.record.families import Family
from executions.record.rest_keys import rest_key
from executions.record.transitions import Transition, locked
from plugins.contracts import State


def rest(
    transition: Transition, pipeline: Pipeline, task_run_id: str, attempt: int, seconds: float, error: str | None
) -> None:
    """The attempt is over after so many seconds: well, or with an error. A kill brings the moment forward."""
    key = f"{rest_key(task_run_id)}{attempt}:{error or ''}"[:300]
    due = transition.at + timedelta(seconds=seconds)
    pipeline.add(sql.SET_TIMER, [new_id(), transition.tenant, transition.execution.id, key, due])


def end_rest(take: tuple[str, list[Any]], execution_id: str, key: str) -> None:
    """The timer has fired; `take` takes it, and nothing happens when somebody else has."""
    _, task_run_id, attempt, error = key.split(":", 3)
    pipeline = Pipeline()
    pipeline.add(*take)
    found = locked(execution_id, around=[task_run_id], pipeline=pipeline)
    if not found.results[0]:
        return
    transition = found.transition
    state = _end_of(transition, task_run_id, error)
    text = error if state is State.FAILED else None
    refused = transition.fold(
        lambda at, seed: ev.JobEnded(
            at=at, seed=seed, task_run_id=task_run_id, attempt=int(attempt), state=state, error=text or None
        )
    )
    if refused is None:
        Family(transition).finish()


def _end_of(transition: Transition, task_run_id: str, error: str) -> State:
    try:
        run = transition.ledger.task_run(task_run_id)
    except KeyError:
        return State.KILLED
    if "end_as" in transition.execution.frame and run.branch != "afterExecution":
        return State.KILLED
    return State.FAILED if error else State.SUCCESS
