"""Which moves are legal: of executions and task runs, and which events an execution takes in which state."""

from __future__ import annotations

from collections.abc import Mapping

from executions.engine import events as ev
from plugins.contracts import State

S = State

_ALL = frozenset(State) - {S.SUBMITTED, S.RESUBMITTED, S.SKIPPED}
_ENDED = frozenset({S.SUCCESS, S.WARNING, S.FAILED, S.KILLED, S.CANCELLED, S.RETRIED})
_LIVE = _ALL - _ENDED
_ACTIVE = _LIVE - {S.KILLING, S.QUEUED, S.CREATED}

EXECUTION_MOVES: Mapping[State, frozenset[State]] = {
    S.CREATED: frozenset({S.RUNNING, S.PAUSED, S.BREAKPOINT, S.RETRYING, S.QUEUED, S.KILLING}) | _ENDED,
    S.QUEUED: frozenset({S.RUNNING, S.KILLING}) | _ENDED,
    S.RUNNING: frozenset({S.PAUSED, S.BREAKPOINT, S.RETRYING, S.KILLING, S.RESTARTED}) | _ENDED,
    S.PAUSED: frozenset({S.RUNNING, S.RESTARTED, S.BREAKPOINT, S.RETRYING, S.KILLING}) | _ENDED,
    S.BREAKPOINT: frozenset({S.RUNNING, S.PAUSED, S.RETRYING, S.KILLING, S.RESTARTED}) | _ENDED,
    S.RETRYING: frozenset({S.RUNNING, S.PAUSED, S.BREAKPOINT, S.KILLING, S.RESTARTED}) | _ENDED,
    S.RESTARTED: frozenset({S.RUNNING, S.PAUSED, S.BREAKPOINT, S.RETRYING, S.QUEUED, S.KILLING}) | _ENDED,
    S.KILLING: _ENDED,
    # What has ended moves again only by an act of a person: restart, a marked task run, a forced status.
    **{state: frozenset({S.RESTARTED}) | _ENDED for state in _ENDED},
    # A failure is told before the wait for its retry.
    S.FAILED: frozenset({S.RESTARTED, S.RETRYING}) | _ENDED,
}

ENDS = _ENDED

TASK_RUN_ENDS = frozenset({S.SUCCESS, S.WARNING, S.FAILED, S.KILLED, S.CANCELLED, S.SKIPPED, S.RETRIED})

TASK_RUN_MOVES: Mapping[State, frozenset[State]] = {
    S.CREATED: frozenset({S.RUNNING, S.BREAKPOINT, S.RETRYING}) | TASK_RUN_ENDS,
    S.BREAKPOINT: frozenset({S.CREATED}) | TASK_RUN_ENDS,
    S.RUNNING: frozenset({S.PAUSED, S.RETRYING, S.CREATED}) | TASK_RUN_ENDS,
    S.PAUSED: frozenset({S.RUNNING, S.RESTARTED}) | TASK_RUN_ENDS,
    S.RETRYING: frozenset({S.CREATED}) | TASK_RUN_ENDS,
    S.RESTARTED: frozenset({S.RUNNING, S.CREATED, S.RETRYING}) | TASK_RUN_ENDS,
    # Acts of people only: a restart, or a mark that makes the ancestors go on.
    **{state: frozenset({S.RESTARTED, S.RUNNING}) | TASK_RUN_ENDS for state in TASK_RUN_ENDS},
    S.FAILED: frozenset({S.RESTARTED, S.RUNNING, S.RETRYING}) | TASK_RUN_ENDS,
}

ACCEPTS: Mapping[type[ev.Event], frozenset[State]] = {
    # RESTARTED: a replay from a task, or a restart in another revision, begins its life so.
    ev.Created: frozenset({S.CREATED, S.RESTARTED}),
    # What a worker, a child or a timer tells is judged by the task run it names: tasks of `afterExecution` run when the
    # execution has ended.
    ev.JobStarted: _ALL,
    ev.JobEnded: _ALL,
    ev.JobLost: _ALL,
    ev.Evaluated: _ALL,
    ev.ChildChanged: _ALL,
    ev.ChildRefused: _ALL,
    ev.ChildNotRestarted: _ALL,
    ev.TurnBegan: frozenset({S.RUNNING}),
    ev.TurnsDue: _ALL,
    ev.TimerFired: _ALL,
    ev.SlotFreed: frozenset({S.QUEUED}),
    ev.KillRequested: _LIVE - {S.KILLING} | _ENDED,
    ev.CancelRequested: _LIVE - {S.KILLING},
    ev.PauseRequested: frozenset({S.RUNNING, S.RETRYING, S.RESTARTED}),
    ev.ResumeRequested: frozenset({S.PAUSED, S.RUNNING, S.BREAKPOINT, S.RETRYING, S.RESTARTED}),
    ev.BreakpointResumed: frozenset({S.BREAKPOINT}),
    ev.RestartRequested: frozenset({S.PAUSED}) | _ENDED,
    ev.TaskRunMarked: _ACTIVE | _ENDED,
    ev.StatusForced: _ENDED,
    ev.RunForced: frozenset({S.CREATED, S.QUEUED, S.PAUSED}),
    ev.Unqueued: frozenset({S.QUEUED}),
    ev.LabelsSet: _ALL,
}


def may_move(moves: Mapping[State, frozenset[State]], before: State, after: State) -> bool:
    """Staying is always legal; it changes nothing."""
    return before is after or after in moves.get(before, frozenset())
