"""Task runs that are ended at once because something beside them failed, without waiting for what runs them."""

from __future__ import annotations

from executions.engine import holding
from executions.engine.compiled import Kind
from executions.engine.ending import retry_key
from executions.engine.records import Step, TaskRun
from executions.engine.work import Work
from plugins.contracts import State

_STARTERS = (Kind.CHILD, Kind.TURNS)
_COUNTED = {State.RETRYING: "retrying", State.BREAKPOINT: "stopped"}


def stop_below(work: Work, scope: TaskRun | None, state: State) -> None:
    """End all that has not ended in a scope, however deep, in this state. Nobody is told of each end."""
    for child in work.unfinished(scope):
        if child.frame is not None:
            stop_below(work, child, state)
        _stop(work, child, state)


def stop_beside(work: Work, scope: TaskRun, state: State) -> int:
    """The same of the tasks of a scope, but for those that have started executions: these go on. Return how many."""
    left = 0
    for child in work.unfinished(scope):
        if work.node(child).kind in _STARTERS and child.state is State.RUNNING:
            left += 1
            continue
        if child.frame is not None:
            stop_below(work, child, state)
        _stop(work, child, state)
    return left


def _stop(work: Work, run: TaskRun, state: State) -> None:
    if work.node(run).kind in _STARTERS:
        work.decisions.kill_children_of.append(run.id)
    elif work.node(run).kind in (Kind.RUNNABLE, Kind.DIRECTORY) and run.parent_id is not None:
        work.decisions.kill_jobs.append(run.id)
    if run.state in _COUNTED:
        holding.count(work, _COUNTED[run.state], -1)
    if run.state is State.RETRYING:
        work.decisions.cancelled_timers.append(retry_key(run))
    if run.state is State.PAUSED:
        holding.leave_rest(work, run)
    if run.attempts and not run.attempts[-1].state.is_terminal:
        run.attempts[-1].history.append(Step(state, work.at))
    run.waits_for = None
    work.move(run, state)
