"""One execution of a simulation, as those look at it who test a flow."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from executions.engine.compiled import CompiledFlow
from executions.engine.records import Execution, TaskRun
from executions.simulator.memory import MemoryLedger
from plugins.contracts import LogLevel, State


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log."""

    date: datetime
    level: LogLevel
    message: str
    execution_id: str
    task_id: str | None = None
    task_run_id: str | None = None


@dataclass(slots=True)
class Simulated:
    """One execution of a simulation."""

    flow: CompiledFlow
    ledger: MemoryLedger
    logs: list[Line] = field(default_factory=list)
    metrics: list[dict[str, Any]] = field(default_factory=list)
    """As the API shows them."""
    refused: list[str] = field(default_factory=list)
    children: dict[tuple[str, int | None, int], str] = field(default_factory=dict)
    child_of: tuple[str, str, int | None] | None = None
    seen_states: list[State] = field(default_factory=list)

    @property
    def execution(self) -> Execution:
        return self.ledger.execution

    @property
    def id(self) -> str:
        return self.ledger.execution.id

    @property
    def state(self) -> State:
        return self.ledger.execution.state

    @property
    def runs(self) -> list[TaskRun]:
        return list(self.ledger.all_task_runs())

    def runs_of(self, task_id: str) -> list[TaskRun]:
        return [run for run in self.runs if run.task_id == task_id]

    @property
    def is_done(self) -> bool:
        """Ended, with nothing left to run after it."""
        return self.state.is_terminal and all(run.state.is_terminal for run in self.ledger.runs.values())
