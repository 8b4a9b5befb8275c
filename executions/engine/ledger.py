"""What the engine may ask about an execution while it folds one event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from executions.engine.records import Execution, TaskRun
from plugins.contracts import State


@dataclass(frozen=True, slots=True)
class TurnState:
    """How the execution of one turn stands; of a turn that was tried anew, the last one."""

    index: int
    execution_id: str
    state: State


class Ledger(Protocol):
    """Reads inside the caller's transaction. Records are the caller's; the engine advances them in place.

    Every method but `children` and `all_task_runs` costs the same whatever the size of the execution, and each record
    is handed out once: asking twice gives the same object.
    """

    execution: Execution

    @property
    def outer(self) -> Ledger | None:
        """Of the execution a turn belongs to; None for one that is no turn. Only to be read."""

    def task_run(self, task_run_id: str) -> TaskRun:
        """KeyError when there is none."""

    def item(self, task_run_id: str, index: int) -> Any:
        """One value of a loop's `items`."""

    def items(self, task_run_id: str) -> Sequence[Any]:
        """All of them."""

    def turn_outputs(self, task_run_id: str) -> Iterable[tuple[int, dict[str, Any]]]:
        """What the turns of a loop gave that ended well and gave something, with their numbers, in the order in which
        they ended. Costs what there are turns."""

    def turn_states(self, task_run_id: str) -> Sequence[TurnState]:
        """The turns of a loop, in order: only for acts of people."""

    def outputs(
        self, task_id: str, first: Collection[str] | None = None
    ) -> Iterable[tuple[tuple[str, ...], dict[str, Any]]]:
        """Outputs of all task runs of a task, {} for those that have none, with the loop values of their ancestors,
        outermost first, then their own: `(("books",), {...})`. In order of `seq`.

        With `first`, only those whose outermost value is one of these, or that stand in no loop.
        """

    def states(self, task_id: str) -> Iterable[tuple[tuple[str, ...], str]]:
        """As `outputs`, with states, for `tasks.<id>.state`."""

    def unfinished(self, parent_id: str | None) -> Sequence[TaskRun]:
        """Children that have not ended, for kill and for the end of a failed branch."""

    def children(self, parent_id: str | None) -> Sequence[TaskRun]:
        """All children, in order of `seq`: only for acts of people (restart, replay, change of state)."""

    def all_task_runs(self) -> Sequence[TaskRun]:
        """Everything, in order of `seq`: only for acts of people."""

    def error_logs(self) -> Sequence[dict[str, Any]]:
        """ERROR lines so far, for `errorLogs()`."""
