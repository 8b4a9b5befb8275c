"""Everything that can happen to an execution. An event carries the time and the randomness the engine may use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plugins.contracts import ReportedRun, State, VariableChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`at` is the database's clock; `seed` feeds ids, uuid() and random numbers, so that folding twice gives the
    same.
    """

    at: datetime
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Created(Event):
    """The execution was written; it takes its concurrency slot (or `has_slot` says it could not) and begins.

    `failed_check` is the message of a check that fails it instead; `stopped_as` the end that an operator gives it.
    """

    has_slot: bool = True
    failed_check: str | None = None
    stopped_as: State | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStarted(Event):
    task_run_id: str
    attempt: int
    worker_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnded(Event):
    """A worker reported the end of an attempt. `error` is for people; `labels` are merged into the execution's,
    `variables` change its variables, and `task_runs` are shown under the attempt's."""

    task_run_id: str
    attempt: int
    state: State
    outputs: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    is_retryable: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)
    log_file: str | None = None
    variables: VariableChange | None = None
    task_runs: Sequence[ReportedRun] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLost(Event):
    """The lease of an attempt ran out (`is_drained` False) or its worker handed it back (True: counts for nothing)."""

    task_run_id: str
    attempt: int
    is_drained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated(Event):
    """A worker evaluated control expressions the engine may not: the answer to an `Evaluation` with this key."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    secrets: Sequence[str] = ()
    """Those that occur in the values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildChanged(Event):
    """An execution started by a Subflow or ForEachItem task run started, paused or ended; or the turn of a loop ended.

    `before`: how it had ended before it was restarted. `opens_more`: whether the loop may begin its next turn now.
    """

    task_run_id: str
    child_id: str
    state: State
    outputs: Mapping[str, Any] | None = None
    iteration: int | None = None
    flow_id: str = ""
    namespace: str = ""
    before: State | None = None
    opens_more: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildNotRestarted(Event):
    """A child execution could not be restarted: there is nothing to restart in it, or it is gone."""

    task_run_id: str
    iteration: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnBegan(Event):
    """The execution of a turn was written, and begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsDue(Event):
    """A loop that had begun as many turns as one transaction may begins more."""

    task_run_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRefused(Event):
    """A child execution could not be started: flow missing, disabled, invalid, or its inputs were refused."""

    task_run_id: str
    reason: str
    iteration: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerFired(Event):
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFreed(Event):
    """A place under the flow's concurrency limit is this execution's now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KillRequested(Event):
    """`is_from_above`: somebody kills an execution above it, and tells all below that one."""

    is_cascading: bool = True
    is_from_above: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelRequested(Event):
    """Nothing more begins; what runs is let end, and the execution ends CANCELLED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseRequested(Event):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeRequested(Event):
    """`inputs` are the values for the Pause task's `onResume`, already typed. `actor` is recorded in its outputs.

    `is_hold_only`: undo a PauseRequested, and leave tasks that pause as they are.
    """

    task_run_id: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    to_state: State = State.RUNNING
    actor: str | None = None
    is_hold_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakpointResumed(Event):
    breakpoints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartRequested(Event):
    """Run again what failed, in the same execution; at its turn when `has_slot` says that its flow is at its limit."""

    has_slot: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRunMarked(Event):
    """A person gave a failed or paused task run another end; the execution goes on from there."""

    task_run_id: str
    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusForced(Event):
    """A person gave a terminated execution another terminal state."""

    state: State


@dataclass(frozen=True, slots=True, kw_only=True)
class RunForced(Event):
    """Run although it waits: CREATED or QUEUED without a slot, PAUSED without resume."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unqueued(Event):
    state: State = State.RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsSet(Event):
    labels: Mapping[str, str]
