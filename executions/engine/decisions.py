"""What the engine answers to an event: records to write, and work to order, all in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from executions.engine.records import TaskRun
from plugins.contracts import LogLevel
from plugins.contracts.worker_selectors import WantedWorkers


@dataclass(frozen=True, slots=True)
class JobOrder:
    """Let a worker run this attempt, not before `due_at`."""

    task_run_id: str
    task_id: str
    attempt: int
    due_at: datetime
    workers: WantedWorkers | None = None
    timeout: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Let a worker render these control expressions; the answer comes back as `Evaluated` with the same key."""

    key: str
    expressions: Mapping[str, Any]
    due_at: datetime
    task_run_id: str | None = None
    workers: WantedWorkers | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    """Variables added to the usual scope."""


@dataclass(frozen=True, slots=True)
class Timer:
    """Bring `TimerFired(key)` at that time. A timer set again under its key moves."""

    key: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ChildOrder:
    """Start another flow. Unique by (task run, iteration, attempt): starting twice gives the same child."""

    task_run_id: str
    namespace: str
    flow_id: str
    attempt: int
    revision: int | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    iteration: int | None = None
    schedule_date: datetime | None = None
    is_awaited: bool = True
    trigger: Mapping[str, Any] = field(default_factory=dict)
    """Who started it, as its record keeps it."""


@dataclass(frozen=True, slots=True)
class ChildRestart:
    """Run again what failed in an execution that a task run has started before."""

    task_run_id: str
    child_id: str
    iteration: int | None = None


@dataclass(frozen=True, slots=True)
class TurnOrder:
    """Begin one turn of a loop, in the same transaction. `turns.new_turn` makes its record."""

    task_run_id: str
    task_id: str
    index: int
    value: str
    key: str | None = None
    is_stored: bool = False
    """Its outputs are kept in a file, and the loop gets the address."""


@dataclass(frozen=True, slots=True)
class NewExecution:
    """Start this flow again: a flow-level retry with CREATE_NEW_EXECUTION."""

    due_at: datetime
    attempt_number: int


@dataclass(frozen=True, slots=True)
class LogLine:
    level: LogLevel
    message: str
    task_run_id: str | None = None
    attempt: int | None = None


@dataclass(slots=True)
class Decisions:
    """Everything one event changed. Empty when the event was refused or came too late (`refused` says why).

    `execution_changed` means the caller's Execution record was advanced in place and must be written.
    `created` and `changed` are disjoint; a record is in at most one of them, in its final shape for this event.
    """

    execution_changed: bool = False
    created: list[TaskRun] = field(default_factory=list)
    changed: list[TaskRun] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    jobs: list[JobOrder] = field(default_factory=list)
    evaluations: list[Evaluation] = field(default_factory=list)
    kill_jobs: list[str] = field(default_factory=list)
    """Task runs whose running or waiting job must stop; those not yet claimed are withdrawn at once."""
    timers: list[Timer] = field(default_factory=list)
    cancelled_timers: list[str] = field(default_factory=list)
    children: list[ChildOrder] = field(default_factory=list)
    kill_children_of: list[str] = field(default_factory=list)
    """Task runs whose child executions are to be killed."""
    kills_descendants: bool = False
    """Whatever it has started, awaited or not, and whatever that has started, is to be killed."""
    restarts: list[ChildRestart] = field(default_factory=list)
    turns: list[TurnOrder] = field(default_factory=list)
    more_turns_of: list[str] = field(default_factory=list)
    """Loops that may begin more turns, in a transaction of their own: bring `TurnsDue` for each."""
    retry_execution: NewExecution | None = None
    logs: list[LogLine] = field(default_factory=list)
    has_ended: bool = False
    """The execution has just become terminal: free its slot, tell its parent and the flow triggers."""
    refused: str | None = None
