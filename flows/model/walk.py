"""Every task of a flow or of a task, found through the fields that hold tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from flows.model.reading.shapes import Either, Field, ListOf, MapOf, Nested, PluginOf, Reader, shape_of
from plugins.contracts import Model, Task


@dataclass(frozen=True, slots=True)
class Walked:
    """A task and where it stands. `branch` is the field of its parent (or of the flow) that leads to it.

    `keys` are the steps from the root of the document; `parent` is the enclosing task, None at the root.
    """

    task: Task
    keys: tuple[str | int, ...]
    parent: Task | None
    branch: str


def walk_tasks(model: Model, keys: tuple[str | int, ...] = (), parent: Task | None = None) -> Iterator[Walked]:
    """The tasks below a model, parents before their children."""
    for field in _task_fields(type(model)):
        value = model.__dict__.get(field.attribute)
        for steps, task in _tasks_in(value, (*keys, field.name)):
            yield Walked(task, steps, parent, field.name)
            yield from walk_tasks(task, steps, task)


def _tasks_in(value: Any, keys: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Task]]:
    if isinstance(value, Task):
        yield keys, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _tasks_in(item, (*keys, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _tasks_in(item, (*keys, key))
    elif isinstance(value, Model):
        for field in _task_fields(type(value)):
            yield from _tasks_in(value.__dict__.get(field.attribute), (*keys, field.name))


@cache
def _task_fields(model: type[Model]) -> tuple[Field, ...]:
    fields = {field.attribute: field for field in shape_of(model).fields.values()}
    return tuple(field for field in fields.values() if _holds_tasks(field.reader, (model,)))


def _holds_tasks(reader: Reader | None, seen: tuple[type[Model], ...]) -> bool:
    if isinstance(reader, PluginOf):
        return issubclass(reader.kind, Task)
    if isinstance(reader, ListOf | MapOf):
        return _holds_tasks(reader.item, seen)
    if isinstance(reader, Either):
        return any(_holds_tasks(arm, seen) for arm in (reader.of_map, reader.of_list))
    if isinstance(reader, Nested) and reader.model not in seen:
        below = shape_of(reader.model).fields.values()
        return any(_holds_tasks(field.reader, (*seen, reader.model)) for field in below)
    return False
