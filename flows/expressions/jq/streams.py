"""Run a jq program: every node gives a stream of values, each with its path when somebody asks for paths."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flows.expressions.jq.errors import JqError
from flows.expressions.jq.nodes import Node
from flows.expressions.limits import Run

Path = tuple[Any, ...]

Item = tuple[Path | None, Any]
"""A value, and the path to it; None when nobody asks."""

Stream = Iterator[Item]

NOWHERE: Path = (object(),)
"""The path of a value that was computed: nothing can be reached through it."""


@dataclass(frozen=True, slots=True)
class Closure:
    """A program with the names that it sees."""

    node: Node
    env: Env


@dataclass(frozen=True, slots=True)
class Function:
    parameters: tuple[str, ...]
    body: Node


class Env:
    """The names in scope: one frame for each thing that binds, looked up from the innermost."""

    __slots__ = ("name", "outer", "run", "value")

    def __init__(self, run: Run, name: str, value: Any, outer: Env | None) -> None:
        self.run = run
        self.name = name
        self.value = value
        self.outer = outer

    def bound(self, name: str, value: Any) -> Env:
        return Env(self.run, name, value, self)

    def find(self, name: str) -> Env | None:
        env: Env | None = self
        while env is not None and env.name != name:
            env = env.outer
        return env


Native = Callable[[Env, tuple[Node, ...], Item], Stream]

NATIVE: dict[tuple[str, int], Native] = {}
"""Functions that are written in Python, by name and number of arguments."""

EVALUATORS: dict[type, Callable[[Any, Env, Item], Stream]] = {}
"""What each kind of node does."""

SINGLES: dict[type, Callable[[Any, Env, Any], Any]] = {}
"""The same for kinds that give exactly one value when their parts do."""


def evaluate(node: Node, env: Env, item: Item) -> Stream:
    env.run.step()
    if node.is_single and item[0] is None:
        return iter(((None, single(node, env, item[1])),))
    return EVALUATORS[type(node)](node, env, item)


def values(node: Node, env: Env, value: Any) -> Iterator[Any]:
    """The values alone, from a value whose path does not matter."""
    if node.is_single:
        env.run.step()
        return iter((single(node, env, value),))
    return (found for _, found in evaluate(node, env, (None, value)))


def single(node: Node, env: Env, value: Any) -> Any:
    """The one value of a node that gives exactly one."""
    return SINGLES[type(node)](node, env, value)


def paths(node: Node, env: Env, value: Any) -> Iterator[tuple[Path, Any]]:
    """The paths that a program leads to; raises `JqError` where it computes instead of leading somewhere."""
    for path, found in evaluate(node, env, ((), value)):
        if path is None or path[:1] == NOWHERE:
            raise JqError("Invalid path expression")
        yield path, found


def computed(item: Item, value: Any) -> Item:
    """A value that has no place in the input."""
    return (None if item[0] is None else NOWHERE, value)


def gathered(env: Env, found: Iterator[Any]) -> list[Any]:
    items: list[Any] = []
    for each in found:
        items.append(each)
        env.run.one_more_item(len(items))
    return items


def last_of(found: Iterator[Any], default: Any) -> Any:
    """The last of a stream, all of which is run."""
    kept = deque(found, maxlen=1)
    return kept[0] if kept else default
