"""Scopes made to run again after a person changed something in them: frames counted anew from the children that stay.

This is the one place that looks at all task runs of an execution; only acts of people come here.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from executions.engine import lanes
from executions.engine.compiled import SIDE_BRANCHES, CompiledFlow
from executions.engine.records import TaskRun
from executions.engine.reported import is_reported
from plugins.contracts import State
from plugins.contracts.plans import Shape

KEPT = ("rounds", "rest", "listeners", "violated", "given", "stored", "on_failure")


class Family:
    """The task runs of an execution as a tree; beside it what they reported of themselves, which goes with them."""

    def __init__(self, flow: CompiledFlow, runs: Iterable[TaskRun]) -> None:
        self.flow = flow
        self.by_id: dict[str, TaskRun] = {}
        self.reported: dict[str | None, list[TaskRun]] = defaultdict(list)
        for run in runs:
            if is_reported(run):
                self.reported[run.parent_id].append(run)
            else:
                self.by_id[run.id] = run
        self.below: dict[str | None, list[TaskRun]] = defaultdict(list)
        for run in self.by_id.values():
            self.below[run.parent_id].append(run)

    def ancestors(self, run: TaskRun) -> Iterable[TaskRun]:
        while run.parent_id is not None:
            run = self.by_id[run.parent_id]
            yield run

    def descendants(self, run: TaskRun) -> Iterable[TaskRun]:
        for child in self.below[run.id]:
            yield child
            yield from self.descendants(child)

    def is_side(self, run: TaskRun) -> bool:
        """Whether it, or something around it, belongs to errors, finally or afterExecution."""
        return run.branch in SIDE_BRANCHES or any(each.branch in SIDE_BRANCHES for each in self.ancestors(run))

    def side_of(self, run: TaskRun) -> str | None:
        """The scope whose errors, finally or afterExecution it belongs to, the outermost one; None for the flow's."""
        return next(each.parent_id for each in reversed([run, *self.ancestors(run)]) if each.branch in SIDE_BRANCHES)

    def drop(self, runs: Iterable[TaskRun]) -> list[TaskRun]:
        """Take task runs and all below them out; return those that went."""
        gone: dict[str, TaskRun] = {}
        for run in runs:
            gone[run.id] = run
            gone.update((child.id, child) for child in self.descendants(run))
        told = [run for each in gone for run in self.reported.pop(each, ())]
        for run in gone.values():
            self.by_id.pop(run.id, None)
            self.below[run.parent_id] = [child for child in self.below[run.parent_id] if child.id not in gone]
        return [*gone.values(), *told]

    def everything(self) -> list[TaskRun]:
        return [*self.by_id.values(), *(run for told in self.reported.values() for run in told)]

    def main_children(self, run: TaskRun | None) -> list[TaskRun]:
        return [child for child in self.below[run.id if run else None] if child.branch not in SIDE_BRANCHES]


def rebuilt_frame(family: Family, scope: TaskRun | None, frame: dict[str, Any], total: int) -> dict[str, Any]:
    """The frame of a scope that runs again. `total` is how many lanes its plan had.

    Lanes whose last task run has ended well, but was not the last of the lane, are `pending`: they go on before new
    ones open. `open` counts those with a task run that has yet to end. `revisited` tells, for lanes in which a task run
    with successors runs again, how many have yet to end and how far the lane had come.
    """
    children = family.main_children(scope)
    last = _last_of_lanes(children)
    active = Counter(run.lane for run in children if not run.state.is_terminal)
    kept = {key: frame[key] for key in KEPT if key in frame}
    new: dict[str, Any] = {
        **kept,
        "stage": "main",
        "branch": frame.get("branch", "tasks"),
        "shape": frame.get("shape", Shape.CHAIN.value),
        "limit": frame.get("limit", 0),
        "lanes": total,
        "next": max(last, default=-1) + 1,
        "open": len(active),
        "pending": [
            [lane, run.position + 1]
            for lane, run in sorted(last.items())
            if lane not in active and _goes_on(family, scope, frame, run)
        ],
        "revisited": {
            str(lane): [count, last[lane].position]
            for lane, count in active.items()
            if count > 1 or last[lane].state.is_terminal
        },
    }
    for child in children:
        if child.state.is_terminal:
            lanes.remember(new, child.state)
    if new["shape"] == Shape.GRAPH:
        _count_graph(family, scope, new, last)
    return new


def _last_of_lanes(children: Sequence[TaskRun]) -> dict[int, TaskRun]:
    last: dict[int, TaskRun] = {}
    for child in children:
        known = last.get(child.lane)
        if known is None or child.position >= known.position:
            last[child.lane] = child
    return last


def _goes_on(family: Family, scope: TaskRun | None, frame: dict[str, Any], run: TaskRun) -> bool:
    shape = frame.get("shape", Shape.CHAIN.value)
    if shape not in (Shape.CHAIN, Shape.LOOP) or not run.state.is_terminal or run.state in lanes.HALTS:
        return False
    branches = family.flow.branches if scope is None else family.flow.nodes[scope.task_id].branches
    return run.position + 1 < len(branches[run.branch])


def _count_graph(family: Family, scope: TaskRun | None, frame: dict[str, Any], last: dict[int, TaskRun]) -> None:
    assert scope is not None
    waits = family.flow.nodes[scope.task_id].waits_for
    done = {lane for lane, run in last.items() if run.state.is_terminal}
    unopened = [lane for lane in range(frame["lanes"]) if lane not in last]
    frame["done"] = sorted(done)
    frame["ready"] = [lane for lane in unopened if waits.get(lane, frozenset()) <= done]
    frame["opened"] = sorted({*last, *frame["ready"]})


def scopes_to_revive(family: Family, touched: Iterable[TaskRun], themselves: Iterable[TaskRun]) -> list[TaskRun]:
    """The scopes around these task runs, and some of them `themselves`: innermost first, since each frame counts the
    states of the children below it."""
    scopes = {above.id: above for run in touched for above in family.ancestors(run)}
    scopes.update((run.id, run) for run in themselves)
    depth = {run.id: sum(1 for _ in family.ancestors(run)) for run in scopes.values()}
    return sorted(scopes.values(), key=lambda run: (-depth[run.id], run.seq))


def is_leaf(family: Family, run: TaskRun) -> bool:
    """Whether it runs again as itself: a task without task runs of its own, or a WorkingDirectory."""
    return not family.main_children(run)


RESTARTABLE = frozenset({State.FAILED, State.PAUSED, State.KILLED, State.CANCELLED})
