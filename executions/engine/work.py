"""The bench on which one event is folded: records taken from the ledger, what they became, and what is still to do."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from typing import Any

from control_plane.kernel.words.ids import ID_LENGTH, base62
from executions.engine.compiled import CompiledFlow, Node
from executions.engine.decisions import Decisions, LogLine
from executions.engine.events import Event
from executions.engine.ledger import Ledger
from executions.engine.records import Execution, Step, TaskRun
from executions.engine.transition_table import EXECUTION_MOVES, TASK_RUN_MOVES, may_move
from plugins.contracts import LogLevel, State


class Work:
    """Everything the folding of one event touches. Verbs put on `todo` are done in order until none is left.

    A verb is a name and a task run (None: the root), so that no chain of consequences, however long, nests calls.
    """

    __slots__ = ("_by_task", "_records", "at", "decisions", "event", "execution", "flow", "ledger", "seed", "todo")

    def __init__(self, flow: CompiledFlow, ledger: Ledger, event: Event) -> None:
        self.flow = flow
        self.ledger = ledger
        self.event = event
        self.at = event.at
        self.seed = event.seed
        self.execution: Execution = ledger.execution
        self.decisions = Decisions()
        self.todo: deque[tuple[str, TaskRun | None]] = deque()
        self._records: dict[str, tuple[TaskRun, str]] = {}
        self._by_task: dict[str, list[TaskRun]] = {}

    def then(self, verb: str, run: TaskRun | None) -> None:
        self.todo.append((verb, run))

    def find(self, task_run_id: str) -> TaskRun | None:
        known = self._records.get(task_run_id)
        if known is not None:
            return known[0]
        try:
            run = self.ledger.task_run(task_run_id)
        except KeyError:
            return None
        self._records[run.id] = (run, "read")
        return run

    def run(self, task_run_id: str) -> TaskRun:
        run = self.find(task_run_id)
        if run is None:
            raise KeyError(task_run_id)
        return run

    def parent(self, run: TaskRun) -> TaskRun | None:
        return None if run.parent_id is None else self.run(run.parent_id)

    def ancestors(self, run: TaskRun) -> Iterator[TaskRun]:
        """Nearest first."""
        above = self.parent(run)
        while above is not None:
            yield above
            above = self.parent(above)

    def node(self, run: TaskRun) -> Node:
        return self.flow.nodes[run.task_id]

    def frame(self, run: TaskRun | None) -> dict[str, Any]:
        """The bookkeeping of a scope, to be changed in place: it counts as touched."""
        if run is None:
            self.decisions.execution_changed = True
            return self.execution.frame
        self.touch(run)
        if run.frame is None:
            run.frame = {}
        return run.frame

    def touch(self, run: TaskRun) -> None:
        known = self._records.get(run.id)
        if known is None or known[1] == "read":
            self._note(run, "changed")

    def _note(self, run: TaskRun, status: str) -> None:
        self._records[run.id] = (run, status)
        self._by_task.setdefault(run.task_id, []).append(run)

    def create(
        self,
        task_id: str,
        parent: TaskRun | None,
        branch: str,
        lane: int,
        position: int,
        value: str | None = None,
        iteration: int | None = None,
        task_run_id: str | None = None,
    ) -> TaskRun:
        seq = self.execution.task_run_count
        self.execution.task_run_count = seq + 1
        self.decisions.execution_changed = True
        run = TaskRun(
            id=task_run_id or self.new_id(seq),
            task_id=task_id,
            seq=seq,
            state=State.CREATED,
            history=[Step(State.CREATED, self.at)],
            parent_id=parent.id if parent is not None else None,
            value=value,
            iteration=iteration,
            lane=lane,
            position=position,
            branch=branch,
        )
        self._note(run, "created")
        return run

    def delete(self, run: TaskRun) -> None:
        known = self._records.get(run.id)
        self._records[run.id] = (run, "forgotten" if known is not None and known[1] == "created" else "deleted")

    def new_id(self, number: int) -> str:
        digest = blake2b(f"{self.execution.id}:{number}:{self.seed}".encode(), digest_size=16).digest()
        return base62(int.from_bytes(digest), ID_LENGTH)

    def move(self, run: TaskRun, state: State) -> None:
        """Raises AssertionError when the table does not know the move: a fault of the engine, never of an event."""
        assert may_move(TASK_RUN_MOVES, run.state, state), f"{run.task_id}: {run.state} -> {state}"
        run.enter(state, self.at)
        self.touch(run)

    def move_execution(self, state: State) -> None:
        before = self.execution.state
        assert may_move(EXECUTION_MOVES, before, state), f"execution: {before} -> {state}"
        self.execution.enter(state, self.at)
        self.decisions.execution_changed = True

    def log(self, level: LogLevel, message: str, run: TaskRun | None = None) -> None:
        attempt = len(run.attempts) if run is not None and run.attempts else None
        self.decisions.logs.append(LogLine(level, message, run.id if run is not None else None, attempt))

    def item(self, run: TaskRun, index: int) -> Any:
        return run.items[index] if run.items is not None else self.ledger.item(run.id, index)

    def items(self, run: TaskRun) -> Sequence[Any]:
        return run.items if run.items is not None else self.ledger.items(run.id)

    def all_task_runs(self) -> list[TaskRun]:
        """Everything that is left: only for acts of people."""
        for run in self.ledger.all_task_runs():
            self._records.setdefault(run.id, (run, "read"))
        return [run for run, status in self._records.values() if status not in ("deleted", "forgotten")]

    def unfinished(self, parent: TaskRun | None) -> list[TaskRun]:
        """Children of a scope that have not ended, those of this very event included."""
        parent_id = parent.id if parent is not None else None
        found = {run.id: run for run in self.ledger.unfinished(parent_id)}
        for run, status in self._records.values():
            if status in ("deleted", "forgotten"):
                found.pop(run.id, None)
            elif run.parent_id == parent_id:
                found[run.id] = run
        for run in found.values():
            self._records.setdefault(run.id, (run, "read"))
        return sorted((run for run in found.values() if not run.state.is_terminal), key=lambda run: run.seq)

    def unfinished_tree(self) -> list[TaskRun]:
        """All that have not ended, parents before their children."""
        found, waiting = [], deque(self.unfinished(None))
        while waiting:
            run = waiting.popleft()
            found.append(run)
            if run.frame is not None:
                waiting.extend(self.unfinished(run))
        return found

    def touched(self, task_id: str) -> Sequence[TaskRun]:
        """Task runs of a task that this event created or changed: the ledger may not tell of them yet."""
        return self._by_task.get(task_id, ())

    def path(self, run: TaskRun) -> tuple[str, ...]:
        """Loop values from the outermost ancestor to the run itself."""
        values = [each.value for each in self.ancestors(run) if each.value is not None]
        values.reverse()
        return (*values, run.value) if run.value is not None else tuple(values)

    def finish(self) -> Decisions:
        """The decisions, with every record in its final shape."""
        by_status: Mapping[str, list[TaskRun]] = {"created": [], "changed": [], "deleted": []}
        for run, status in self._records.values():
            if status in by_status:
                by_status[status].append(run)
        self.decisions.created = by_status["created"]
        self.decisions.changed = by_status["changed"]
        self.decisions.deleted = [run.id for run in by_status["deleted"]]
        return self.decisions
