"""What the engine knows of an execution: plain records, loaded and stored by whoever calls it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from plugins.contracts import State


@dataclass(slots=True)
class Step:
    """One entry of a history."""

    state: State
    date: datetime


@dataclass(slots=True)
class Attempt:
    """One numbered try of a task run. `number` counts from 1, losses included; `is_lost` ones spend no retry."""

    number: int
    history: list[Step]
    worker_id: str | None = None
    error: str | None = None
    log_file: str | None = None
    """Where its log lies, when its task keeps it in a file."""

    @property
    def state(self) -> State:
        return self.history[-1].state


@dataclass(slots=True)
class TaskRun:
    """One run of a task in an execution.

    `seq` numbers the task runs of an execution in the order they were created, from 0.
    `parent_id` is the task run of the enclosing flowable. `value` and `iteration` are those of the loop it stands in.
    `lane` and `position` say where in its parent's plan it stands, so that its successor is found without its siblings.
    `frame` is the engine's own small, bounded bookkeeping when this is a flowable: JSON, opaque to everybody else.
    `items` holds the values of a loop; written once with the task run, and read one by one through the ledger.
    """

    id: str
    task_id: str
    seq: int
    state: State
    history: list[Step]
    parent_id: str | None = None
    value: str | None = None
    iteration: int | None = None
    lane: int = 0
    position: int = 0
    branch: str = "tasks"
    attempts: list[Attempt] = field(default_factory=list)
    outputs: dict[str, Any] | None = None
    frame: dict[str, Any] | None = None
    items: list[Any] | None = None
    waits_for: str | None = None

    def enter(self, state: State, at: datetime) -> None:
        """Move to a state and remember when. The same state again changes nothing."""
        if state is not self.state:
            self.state = state
            self.history.append(Step(state, at))


@dataclass(slots=True)
class Execution:
    """One run of a flow, as the engine sees it. `frame` is the root's bookkeeping, as in TaskRun."""

    id: str
    tenant: str
    namespace: str
    flow_id: str
    flow_revision: int
    state: State
    history: list[Step]
    labels: dict[str, str] = field(default_factory=dict)
    inputs: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    trigger: dict[str, Any] | None = None
    parent_id: str | None = None
    original_id: str | None = None
    kind: str | None = None
    breakpoints: list[str] = field(default_factory=list)
    schedule_date: datetime | None = None
    attempt_number: int = 1
    original_created_date: datetime | None = None
    task_run_count: int = 0
    frame: dict[str, Any] = field(default_factory=dict)
    loop_run: dict[str, Any] | None = None
    """Of a turn: which loop it belongs to, and what it is about (`executions.engine.turns`)."""

    @property
    def start_date(self) -> datetime:
        return self.history[0].date

    def enter(self, state: State, at: datetime) -> None:
        """Move to a state and remember when. The same state again changes nothing."""
        if state is not self.state:
            self.state = state
            self.history.append(Step(state, at))
