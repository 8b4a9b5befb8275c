"""ForEach, EachSequential and EachParallel as Loop, where a Loop comes to the same.

A loop and those inside it are rewritten together or not at all: what an expression in the innermost may read hangs on
all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flows.model.documents.compose import compose
from flows.model.upgrading.found import Findings
from flows.model.upgrading.loop_expressions import CannotLoop, Rewriter
from flows.model.upgrading.text import Edits, Map, Node, Scalar, Sequence, scalars
from flows.model.upgrading.walk import TaskNode, all_tasks, tasks_of
from plugins.catalog.registry import registry

NAME = "loops"
LOOP = "io.kestra.plugin.core.flow.Loop"
FOR_EACH = "io.kestra.plugin.core.flow.ForEach"
EACH_SEQUENTIAL = "io.kestra.plugin.core.flow.EachSequential"
EACH_PARALLEL = "io.kestra.plugin.core.flow.EachParallel"
FOR_EACH_ITEM = "io.kestra.plugin.core.flow.ForEachItem"
LOOPS = (FOR_EACH, EACH_SEQUENTIAL, EACH_PARALLEL)
_KEPT = {"id", "type", "description", "disabled", "runIf", "errors", "finally", "tasks", "logLevel", "logToFile"}
_FOR_EACH_ITEM = (
    "ForEachItem stays: its subflow is given a file for each batch, "
    "a Loop gives the lines of a file one by one, as text"
)
_UNSUITED = {
    "io.kestra.plugin.core.execution.Labels": "labels that a turn of a Loop sets stay in it",
    "io.kestra.plugin.core.flow.AllowFailure": "a Loop does not end in WARNING when one of its turns does",
    FOR_EACH_ITEM: "there is a ForEachItem in it",
    "io.kestra.plugin.core.state.Get": "states are kept by the value of the loop",
    "io.kestra.plugin.core.state.Set": "states are kept by the value of the loop",
    "io.kestra.plugin.core.state.Delete": "states are kept by the value of the loop",
}


def apply(root: Map, edits: Edits, findings: Findings) -> None:
    for task in all_tasks(root):
        if task.type == FOR_EACH_ITEM:
            findings.leave(_FOR_EACH_ITEM, task.line)
    if registry().find(LOOP) is None:
        return
    tasks = tasks_of(root)
    for unit in _outermost(tasks):
        own = Edits(edits.text)
        try:
            changed = _Unit(root, tasks, unit, own).rewrite()
        except CannotLoop as reason:
            where = f" (line {reason.line})" if reason.line not in (0, unit.line) else ""
            for loop in (each for each in (unit, *unit.all_below()) if each.type in LOOPS):
                findings.leave(f"{_named(loop)} stays: {reason}{where}", loop.line)
            continue
        edits.take(own)
        for loop in changed:
            findings.changed(f"{_named(loop)} is a Loop", loop.line)
            if _elements(loop.node.value("values") or loop.node.value("value")) is None:
                findings.caution(f"the Loop `{loop.id}` runs equal values of a list once", loop.line)


def _named(loop: TaskNode) -> str:
    return f"{loop.type.rpartition('.')[2]} `{loop.id}`"


def _outermost(tasks: list[TaskNode]) -> Iterator[TaskNode]:
    for task in tasks:
        if task.type in LOOPS:
            yield task
        else:
            yield from _outermost(task.below)


@dataclass(slots=True)
class _Unit:
    """One loop and all that is in it."""

    root: Map
    tasks: list[TaskNode]
    unit: TaskNode
    edits: Edits
    inner: list[TaskNode] = field(default_factory=list)

    def rewrite(self) -> list[TaskNode]:
        """The loops that are rewritten. Raises CannotLoop with what stands against it."""
        self.inner = [self.unit, *self.unit.all_below()]
        loops = [task for task in self.inner if task.type in LOOPS]
        for task in self.inner:
            self._check(task)
        rewriter = Rewriter({id(task.node): task for task in self.inner}, frozenset(LOOPS))
        for task in self._outside():
            rewriter.check_outside(task.own_scalars())
        rewriter.check_outside(self._flow_scalars())
        for task in self.inner:
            for scalar in task.own_scalars():
                self._set(scalar, rewriter.rewritten(task, scalar))
        for loop in loops:
            self._as_loop(loop)
        return loops

    def _outside(self) -> Iterator[TaskNode]:
        inner = {id(task.node) for task in self.inner}
        for task in self.tasks:
            for each in (task, *task.all_below()):
                if id(each.node) not in inner:
                    yield each

    def _flow_scalars(self) -> Iterator[Scalar]:
        for name, entry in self.root.entries.items():
            if name not in ("tasks", "errors", "finally", "afterExecution", "triggers", "listeners"):
                yield from scalars(entry.value)

    def _set(self, scalar: Scalar, new: str | None) -> None:
        if new is None:
            return
        if scalar.is_block or scalar.style == "" or "\n" in self.edits.text[scalar.place.start : scalar.place.end]:
            raw = self.edits.text[scalar.place.start : scalar.place.end]
            written = Rewriter.in_raw(raw, scalar.value, new)
            if written is None:
                raise CannotLoop("an expression is written over several lines", scalar.place.line)
            self.edits.replace(scalar.place, written)
        else:
            self.edits.set_quoted(scalar, new)

    def _check(self, task: TaskNode) -> None:
        if task.type in _UNSUITED:
            raise CannotLoop(_UNSUITED[task.type], task.line)
        for name in ("allowFailure", "allowWarning"):
            if (task.node.text(name) or "false").lower() != "false":
                raise CannotLoop(f"a Loop does not end in WARNING when a task in it has `{name}`", task.line)
        if task.type in LOOPS:
            unknown = set(task.node.entries) - _KEPT - {"values", "value", "concurrencyLimit", "concurrent"}
            if unknown:
                raise CannotLoop(f"`{sorted(unknown)[0]}` has another meaning for a Loop", task.line)
            self._check_values(task)

    def _check_values(self, task: TaskNode) -> None:
        given = task.node.value("values") or task.node.value("value")
        elements = _elements(given)
        if elements is None:
            return
        texts = [each if isinstance(each, str) else json.dumps(each) for each in elements]
        for each in elements:
            if each is None or (isinstance(given, Sequence) and isinstance(each, bool | list)):
                raise CannotLoop(f"a Loop takes no {json.dumps(each)} among its values", task.line)
        if len(set(texts)) < len(texts):
            raise CannotLoop("a Loop runs equal values once", task.line)

    def _as_loop(self, loop: TaskNode) -> None:
        node = loop.node
        self.edits.replace(node.entries["type"].value.place, LOOP)
        if "value" in node.entries:
            self.edits.rename(node.entries["value"], "values")
        if loop.type == EACH_PARALLEL:
            self._parallel(node)
        limit = node.text("concurrencyLimit")
        if limit is not None and not limit.isdigit():
            raise CannotLoop("the `concurrencyLimit` of a Loop is a number", loop.line)

    def _parallel(self, node: Map) -> None:
        concurrent = node.entries.get("concurrent")
        if concurrent is None:
            self.edits.add_after(node.entries["type"], node, "concurrencyLimit: 0")
        else:
            self.edits.rename(concurrent, "concurrencyLimit")


def _elements(given: Node | None) -> list[Any] | None:
    """The values when they are written out, as a list or as JSON in a text."""
    if isinstance(given, Sequence):
        return [_plain(item) for item in given.items]
    if not isinstance(given, Scalar) or "{{" in given.value:
        return None
    try:
        found = json.loads(given.value)
    except ValueError:
        return None
    return found if isinstance(found, list) else None


def _plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.value if node.style else compose(f"v: {node.value}" if node.value else "v:")["v"]
    if isinstance(node, Sequence):
        return [_plain(item) for item in node.items]
    return {key: _plain(entry.value) for key, entry in node.entries.items()}
