"""Task runs of one execution, counted and page by page: one of many thousands is shown without being read whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from control_plane.kernel.api.pages import Page
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.errors import NotFound
from executions.engine.records import TaskRun
from executions.record import sql
from executions.record.rows import Kept, execution_from, task_run_from

FEW = 500
"""Up to so many task runs are shown with their execution; of more, pages are asked for."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many task runs of a task are in a state, and the newest of them."""

    task_id: str
    state: str
    count: int
    newest: str


@dataclass(frozen=True, slots=True)
class Overview:
    """An execution whose task runs are counted. They are there themselves if they are few."""

    kept: Kept
    counted: list[Counted]
    few: list[TaskRun] | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which task runs of an execution; all of them unless something is said."""

    parent_id: str | None = None
    is_top: bool = False
    states: Sequence[str] = ()
    task_id: str | None = None
    text: str | None = None
    has_outputs: bool = False
    is_leaf: bool = False

    def conditions(self, execution_id: str) -> Iterator[tuple[str, list[Any]]]:
        yield "execution_id = %s", [execution_id]
        if self.parent_id is not None:
            yield "parent_id = %s", [self.parent_id]
        if self.is_top:
            yield "parent_id IS NULL", []
        if self.states:
            yield "state = ANY(%s)", [list(self.states)]
        if self.task_id is not None:
            yield "task_id = %s", [self.task_id]
        if self.text:
            yield "strpos(lower(task_id || ' ' || coalesce(value, '')), lower(%s)) > 0", [self.text]
        if self.has_outputs:
            yield "outputs IS NOT NULL", []
        if self.is_leaf:
            parents = "SELECT parent_id FROM task_run WHERE execution_id = %s AND parent_id IS NOT NULL"
            yield f"id NOT IN ({parents})", [execution_id]


@dataclass(frozen=True, slots=True)
class Listed:
    """A task run, and how many stand directly below it."""

    run: TaskRun
    children: int


@dataclass(frozen=True, slots=True)
class Step:
    """A task run on the way down to another one, and how many of its siblings come before it."""

    task_run_id: str
    index: int


def read_overview(execution_id: str) -> Overview:
    """As one moment saw it. NotFound when there is none."""
    for _ in range(_TRIES):
        pipeline = Pipeline()
        place = pipeline.add(sql.READ_EXECUTION, [execution_id])
        counted = pipeline.add(sql.COUNTED_TASK_RUNS, [execution_id, execution_id])
        few = pipeline.add(sql.FEW_TASK_RUNS, [execution_id, execution_id, FEW])
        again = pipeline.add(sql.VERSION, [execution_id])
        results = pipeline.run()
        if not results[place] or not results[again]:
            raise NotFound(f"Execution '{execution_id}' was not found")
        kept = execution_from(results[place][0])
        if results[again][0][0] == kept.version:
            break
    is_few = kept.record.task_run_count <= FEW
    runs = [task_run_from(row) for row in results[few]] if is_few else None
    return Overview(kept, [Counted(*row) for row in results[counted]], runs)


_TRIES = 5


def page_of_task_runs(execution_id: str, wanted: Wanted, page: Page) -> tuple[list[Listed], int]:
    """In the order in which they were created; and how many there are."""
    conditions = list(wanted.conditions(execution_id))
    where = " AND ".join(text for text, _ in conditions)
    values = [value for _, given in conditions for value in given]
    pipeline = Pipeline()
    rows = pipeline.add(sql.PAGE_OF_TASK_RUNS.format(where=where), [*values, page.size, page.start])
    total = pipeline.add(sql.COUNT_OF_TASK_RUNS.format(where=where), values)
    results = pipeline.run()
    return _with_children(execution_id, [task_run_from(row) for row in results[rows]]), results[total][0][0]


def task_run_with_way(execution_id: str, task_run_id: str) -> tuple[Listed, list[Step]]:
    """A task run, and the way to it from the top. NotFound when the execution has none of this id."""
    pipeline = Pipeline()
    place = pipeline.add(sql.SHOWN_TASK_RUN, [execution_id, task_run_id])
    way = pipeline.add(sql.WAY_TO_TASK_RUN, [execution_id, task_run_id, execution_id])
    results = pipeline.run()
    if not results[place]:
        raise NotFound(f"Task run '{task_run_id}' was not found in execution '{execution_id}'")
    [listed] = _with_children(execution_id, [task_run_from(results[place][0])])
    return listed, [Step(*row) for row in results[way]]


def _with_children(execution_id: str, runs: Sequence[TaskRun]) -> list[Listed]:
    if not runs:
        return []
    pipeline = Pipeline()
    place = pipeline.add(sql.CHILDREN_COUNTED, [execution_id, [run.id for run in runs]])
    counts: dict[str, int] = dict(pipeline.run()[place])
    return [Listed(run, counts.get(run.id, 0)) for run in runs]
