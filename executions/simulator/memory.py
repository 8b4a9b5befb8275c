"""A ledger in memory: the records of one execution, with the lookups the engine asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from executions.engine.decisions import Decisions
from executions.engine.ledger import TurnState
from executions.engine.records import Execution, TaskRun
from executions.engine.turns import gives_outputs


class MemoryLedger:
    """Keeps what the engine decided when `keep` is called, as a database does on commit."""

    def __init__(
        self, execution: Execution, task_runs: Iterable[TaskRun] = (), outer: MemoryLedger | None = None
    ) -> None:
        self.execution = execution
        self.outer = outer
        self._turns: dict[str, list[Execution]] = defaultdict(list)
        self._ended_turns: dict[str, list[Execution]] = defaultdict(list)
        self.runs: dict[str, TaskRun] = {}
        self.errors: list[dict[str, Any]] = []
        self._of_task: dict[str, dict[str, TaskRun]] = defaultdict(dict)
        self._of_value: dict[tuple[str, str | None], dict[str, TaskRun]] = defaultdict(dict)
        self._below: dict[str | None, dict[str, TaskRun]] = defaultdict(dict)
        self._open: dict[str | None, dict[str, TaskRun]] = defaultdict(dict)
        for run in sorted(task_runs, key=lambda each: each.seq):
            self._add(run)

    def _add(self, run: TaskRun) -> None:
        self.runs[run.id] = run
        self._of_task[run.task_id][run.id] = run
        self._of_value[run.task_id, self._outermost(run)][run.id] = run
        self._below[run.parent_id][run.id] = run
        self._sort(run)

    def _sort(self, run: TaskRun) -> None:
        if run.state.is_terminal:
            self._open[run.parent_id].pop(run.id, None)
        else:
            self._open[run.parent_id][run.id] = run

    def keep(self, decisions: Decisions) -> None:
        """Remember what one event changed."""
        for run in decisions.created:
            self._add(run)
        for run in decisions.changed:
            self._sort(run)
        for task_run_id in decisions.deleted:
            run = self.runs[task_run_id]
            of_value = self._of_value[run.task_id, self._outermost(run)]
            for index in (self._of_task[run.task_id], self._below[run.parent_id], self._open[run.parent_id], of_value):
                index.pop(task_run_id, None)
        for task_run_id in decisions.deleted:
            del self.runs[task_run_id]

    def task_run(self, task_run_id: str) -> TaskRun:
        return self.runs[task_run_id]

    def item(self, task_run_id: str, index: int) -> Any:
        return (self.runs[task_run_id].items or [])[index]

    def items(self, task_run_id: str) -> Sequence[Any]:
        run = self.runs.get(task_run_id)
        return (run.items if run is not None else None) or []

    def add_turn(self, turn: Execution) -> None:
        """Remember the execution of a turn of one of its loops."""
        self._turns[(turn.loop_run or {})["taskRunId"]].append(turn)

    def end_turn(self, turn: Execution) -> None:
        """Remember that it has ended after those that have ended before."""
        ended = self._ended_turns[(turn.loop_run or {})["taskRunId"]]
        if turn in ended:
            ended.remove(turn)
        ended.append(turn)

    def turn_outputs(self, task_run_id: str) -> Iterable[tuple[int, dict[str, Any]]]:
        return [
            ((turn.loop_run or {})["index"], turn.outputs)
            for turn in self._ended_turns[task_run_id]
            if gives_outputs(turn.state) and turn.outputs is not None
        ]

    def turn_states(self, task_run_id: str) -> Sequence[TurnState]:
        last = {(turn.loop_run or {})["index"]: turn for turn in self._turns[task_run_id]}
        return [TurnState(index, turn.id, turn.state) for index, turn in sorted(last.items())]

    def outputs(
        self, task_id: str, first: Collection[str] | None = None
    ) -> Iterable[tuple[tuple[str, ...], dict[str, Any]]]:
        runs: Iterable[TaskRun] = self._of_task[task_id].values()
        if first is not None:
            found = [run for value in (None, *first) for run in self._of_value[task_id, value].values()]
            runs = sorted(found, key=lambda run: run.seq)
        return [(self._path(run), run.outputs or {}) for run in runs]

    def states(self, task_id: str) -> Iterable[tuple[tuple[str, ...], str]]:
        return [(self._path(run), run.state.value) for run in self._of_task[task_id].values()]

    def _path(self, run: TaskRun) -> tuple[str, ...]:
        values = [] if run.value is None else [run.value]
        parent_id = run.parent_id
        while parent_id is not None:
            parent = self.runs[parent_id]
            values += [] if parent.value is None else [parent.value]
            parent_id = parent.parent_id
        return tuple(reversed(values))

    def _outermost(self, run: TaskRun) -> str | None:
        path = self._path(run)
        return path[0] if path else None

    def unfinished(self, parent_id: str | None) -> Sequence[TaskRun]:
        return list(self._open[parent_id].values())

    def children(self, parent_id: str | None) -> Sequence[TaskRun]:
        return sorted(self._below[parent_id].values(), key=lambda run: run.seq)

    def all_task_runs(self) -> Sequence[TaskRun]:
        return sorted(self.runs.values(), key=lambda run: run.seq)

    def error_logs(self) -> Sequence[dict[str, Any]]:
        return self.errors
