"""What the engine may ask about an execution, answered from the rows and from what this transaction has changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import connection

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.clock import iso
from executions.engine.ledger import TurnState
from executions.engine.records import Execution, TaskRun
from executions.record import sql
from executions.record.rows import Kept, execution_from, loads, task_run_from
from plugins.contracts import State

Row = tuple[Any, ...]


class DbLedger:
    """Loads lazily, each record once. What was folded but not yet written is told as if it were."""

    def __init__(self, kept: Kept, outer: DbLedger | None = None) -> None:
        self.kept = kept
        self.execution: Execution = kept.record
        self._records: dict[str, TaskRun] = {}
        self._paths: dict[str, tuple[str, ...]] = {}
        self._fresh: dict[str, TaskRun] = {}
        self._deleted: set[str] = set()
        self._outer = outer
        self._next: dict[tuple[str, int], Any] = {}

    @property
    def outer(self) -> DbLedger | None:
        if self._outer is None and self.execution.loop_run is not None:
            for row in _rows(sql.READ_EXECUTION, self.execution.parent_id):
                self._outer = DbLedger(execution_from(row))
        return self._outer

    def admit_loop(self, rows: Iterable[Row]) -> None:
        """The record of a loop, with the value of its next turn."""
        for *row, item in rows:
            run = self._record(tuple(row))
            if run.frame is not None and "next" in run.frame:
                self._next[run.id, run.frame["next"]] = loads(item)

    def admit(self, rows: Iterable[Row]) -> list[TaskRun]:
        """Records of these rows; those already known stay as they are."""
        return [self._record(row) for row in rows]

    def admit_with_ancestors(self, rows: Iterable[Row]) -> None:
        """The same, and everything around them: most stand at the top and cost no second question."""
        parents = {run.parent_id for run in self.admit(rows) if run.parent_id is not None}
        unknown = [parent for parent in parents if parent not in self._records]
        if unknown:
            pipeline = Pipeline()
            place = pipeline.add(sql.TASK_RUNS_WITH_ANCESTORS, [unknown, self.execution.id])
            self.admit(pipeline.run()[place])

    def remember(self, created: Iterable[TaskRun], deleted: Iterable[str]) -> None:
        """Take in what one event made, so that the next one in this transaction finds it."""
        for run in created:
            self._records[run.id] = run
            self._fresh[run.id] = run
        for task_run_id in deleted:
            self._deleted.add(task_run_id)
            self._fresh.pop(task_run_id, None)

    def path(self, run: TaskRun) -> tuple[str, ...]:
        """Loop values from the outermost ancestor to the run itself."""
        known = self._paths.get(run.id)
        if known is None:
            above = self.path(self.task_run(run.parent_id)) if run.parent_id is not None else ()
            known = (*above, run.value) if run.value is not None else above
            self._paths[run.id] = known
        return known

    def task_run(self, task_run_id: str) -> TaskRun:
        if task_run_id in self._deleted:
            raise KeyError(task_run_id)
        known = self._records.get(task_run_id)
        if known is not None:
            return known
        for row in _rows(sql.TASK_RUN, self.execution.id, task_run_id):
            return self._record(row)
        raise KeyError(task_run_id)

    def item(self, task_run_id: str, index: int) -> Any:
        known = self._records.get(task_run_id)
        if known is not None and known.items is not None:
            return known.items[index]
        if (task_run_id, index) in self._next:
            return self._next[task_run_id, index]
        ((item,),) = _rows(sql.ITEM, index, self.execution.id, task_run_id)
        return loads(item)

    def items(self, task_run_id: str) -> Sequence[Any]:
        known = self._records.get(task_run_id)
        if known is not None and known.items is not None:
            return known.items
        found = _rows(sql.ITEMS, self.execution.id, task_run_id)
        return (loads(found[0][0]) if found else None) or []

    def turn_outputs(self, task_run_id: str) -> Iterable[tuple[int, dict[str, Any]]]:
        found = _rows(sql.TURN_OUTPUTS, self.execution.id, task_run_id)
        return [(index, loads(outputs)) for index, outputs in found]

    def turn_states(self, task_run_id: str) -> Sequence[TurnState]:
        found = _rows(sql.TURN_STATES, self.execution.id, task_run_id)
        return [TurnState(index, execution_id, State(state)) for index, execution_id, state in found]

    def outputs(
        self, task_id: str, first: Collection[str] | None = None
    ) -> Iterable[tuple[tuple[str, ...], dict[str, Any]]]:
        values = list(first) if first is not None else None
        told = []
        for task_run_id, path, outputs in _rows(sql.OUTPUTS, self.execution.id, task_id, values, values):
            known = self._records.get(task_run_id)
            value = known.outputs if known is not None else loads(outputs)
            if task_run_id not in self._deleted:
                told.append((task_run_id, tuple(path), value or {}))
        seen = {task_run_id for task_run_id, _, _ in told}
        for run in self._of_task(task_id):
            if run.id not in seen:
                told.append((run.id, self.path(run), run.outputs or {}))
        return [(path, value) for _, path, value in told]

    def states(self, task_id: str) -> Iterable[tuple[tuple[str, ...], str]]:
        told = []
        for task_run_id, path, state in _rows(sql.STATES, self.execution.id, task_id):
            known = self._records.get(task_run_id)
            if task_run_id not in self._deleted:
                told.append((tuple(path), known.state.value if known is not None else state))
        told += [(self.path(run), run.state.value) for run in self._fresh.values() if run.task_id == task_id]
        return told

    def unfinished(self, parent_id: str | None) -> Sequence[TaskRun]:
        found = {run.id: run for run in self.admit(_rows(sql.UNFINISHED, self.execution.id, parent_id))}
        found |= {run.id: run for run in self._fresh.values() if run.parent_id == parent_id}
        living = (run for run in found.values() if not run.state.is_terminal and run.id not in self._deleted)
        return sorted(living, key=lambda run: run.seq)

    def children(self, parent_id: str | None) -> Sequence[TaskRun]:
        return self._ordered(sql.CHILDREN, [self.execution.id, parent_id], lambda run: run.parent_id == parent_id)

    def all_task_runs(self) -> Sequence[TaskRun]:
        runs = self._ordered(sql.ALL_TASK_RUNS, [self.execution.id], lambda run: True)
        items = {task_run_id: loads(each) for task_run_id, each in _rows(sql.ITEMS_OF_ALL, self.execution.id)}
        for run in runs:
            if run.items is None:
                run.items = items.get(run.id)
        return runs

    def error_logs(self) -> Sequence[dict[str, Any]]:
        return [
            {"taskId": task, "taskRunId": run, "attemptNumber": attempt, "timestamp": iso(at), "level": "ERROR"}
            | {"message": message}
            for task, run, attempt, at, message in _rows(sql.ERROR_LOGS, self.execution.id)
        ]

    def _record(self, row: Row) -> TaskRun:
        known = self._records.get(row[0])
        if known is None:
            known = self._records[row[0]] = task_run_from(row)
            self._paths[row[0]] = tuple(row[-1])
        return known

    def _of_task(self, task_id: str) -> list[TaskRun]:
        """Records in hand, which may know more than their rows."""
        runs = [run for run in self._records.values() if run.task_id == task_id and run.id not in self._deleted]
        return sorted(runs, key=lambda run: run.seq)

    def _ordered(self, statement: str, values: list[Any], belongs: Any) -> list[TaskRun]:
        found = {run.id: run for run in self.admit(_rows(statement, *values))}
        found |= {run.id: run for run in self._fresh.values() if belongs(run)}
        return sorted((run for run in found.values() if run.id not in self._deleted), key=lambda run: run.seq)


def _rows(statement: str, *values: Any) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
