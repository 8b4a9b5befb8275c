"""The tasks, triggers and inputs of a document that is held as text with places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from flows.model.upgrading.text import Map, Node, Scalar, Sequence
from plugins.catalog.registry import registry

SIDE_BRANCHES = ("errors", "finally")
NO_TASKS = ("inputs", "onResume", "values", "outputs", "conditions", "data", "labels")
"""Properties of tasks whose parts may look like tasks and are none."""
ROOT_BRANCHES = ("tasks", "errors", "finally", "afterExecution")


@dataclass(slots=True)
class TaskNode:
    """A task, the ones around it (nearest first), and the branch of its parent it stands in."""

    node: Map
    id: str
    type: str
    around: tuple[TaskNode, ...] = ()
    branch: str = "tasks"
    below: list[TaskNode] = field(default_factory=list)

    @property
    def line(self) -> int:
        return self.node.place.line

    def all_below(self) -> Iterator[TaskNode]:
        for each in self.below:
            yield each
            yield from each.all_below()

    def own_scalars(self) -> Iterator[Scalar]:
        """The texts of the task's own properties, not those of the tasks in it."""
        inner = {id(each.node) for each in self.below}
        yield from _scalars_without(self.node, inner)


def _scalars_without(node: Node, inner: set[int]) -> Iterator[Scalar]:
    if id(node) in inner:
        return
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _scalars_without(item, inner)
    else:
        for entry in node.entries.values():
            yield from _scalars_without(entry.value, inner)


def canonical(type_name: str) -> str:
    """A type by the name it has today."""
    found = registry().find(type_name)
    return found.plugin.TYPE if found is not None else type_name


def tasks_of(root: Map) -> list[TaskNode]:
    """The tasks of a flow, those inside others below them."""
    return [task for branch in ROOT_BRANCHES for task in _tasks_in(root.value(branch), (), branch)]


def _tasks_in(node: Node | None, around: tuple[TaskNode, ...], branch: str) -> Iterator[TaskNode]:
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _tasks_in(item, around, branch)
    elif isinstance(node, Map):
        task_id, type_name = node.text("id"), node.text("type")
        if task_id is not None and type_name is not None:
            yield _task(node, task_id, type_name, around, branch)
            return
        for name, entry in node.entries.items():  # of a Dag: the task beside what it depends on; of cases: lists
            yield from _tasks_in(entry.value, around, branch if branch != "cases" else f"cases.{name}")


def _task(node: Map, task_id: str, type_name: str, around: tuple[TaskNode, ...], branch: str) -> TaskNode:
    task = TaskNode(node, task_id, canonical(type_name), around, branch)
    for name, entry in node.entries.items():
        if isinstance(entry.value, Map | Sequence) and name not in NO_TASKS:
            task.below += _tasks_in(entry.value, (task, *around), name)
    return task


def all_tasks(root: Map) -> Iterator[TaskNode]:
    for task in tasks_of(root):
        yield task
        yield from task.all_below()


def triggers_of(root: Map) -> list[Map]:
    return [item for item in root.items("triggers") if isinstance(item, Map)]


def inputs_of(root: Map) -> list[Map]:
    """The inputs of the flow, and those that its Pause tasks ask for."""
    found = [item for item in root.items("inputs") if isinstance(item, Map)]
    for task in all_tasks(root):
        found += [item for item in task.node.items("onResume") if isinstance(item, Map)]
    return found
