"""What holds an execution or shows in its state, counted in the root's frame."""

from __future__ import annotations

from executions.engine.records import TaskRun
from executions.engine.work import Work

PAUSED = "paused"
"""Pause tasks that wait: nothing begins meanwhile."""
RESTING = "resting"
"""Loops that wait for their next round: they hold nothing but themselves."""


def is_paused(work: Work) -> bool:
    """While paused nothing begins; what runs may end."""
    frame = work.execution.frame
    return bool(frame.get("held") or frame.get(PAUSED))


def count(work: Work, what: str, change: int) -> None:
    """Keep count in the root's frame of the task runs that decide the execution's own state."""
    frame = work.frame(None)
    frame[what] = frame.get(what, 0) + change


def is_resting(run: TaskRun) -> bool:
    """Whether it is paused between two rounds, and not by a Pause."""
    return run.frame is not None and "rounds" in run.frame


def leave_rest(work: Work, run: TaskRun) -> None:
    """A paused task run goes on or ends."""
    count(work, RESTING if is_resting(run) else PAUSED, -1)
    run.waits_for = None
    work.decisions.cancelled_timers += timers_of(run)


def timers_of(run: TaskRun) -> list[str]:
    """What may still wake a paused task run."""
    if is_resting(run):
        return [round_key(run)]
    return [f"delay:{run.id}", f"timeout:{run.id}"]


def round_key(run: TaskRun) -> str:
    return f"round:{run.id}:{(run.frame or {})['rounds']['done']}"
