"""What a template may touch when it runs, found without running it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flows.expressions.nodes import (
    Arguments,
    Attribute,
    Block,
    Body,
    Call,
    Chain,
    Filter,
    FilterBlock,
    For,
    If,
    ListOf,
    Literal,
    Macro,
    MapOf,
    Method,
    Name,
    Node,
    Path,
    Pipeline,
    Print,
    Set,
    Statement,
    Subscript,
    Ternary,
    Test,
    Unary,
)
from flows.expressions.registry import FILTERS, FUNCTIONS, TESTS, Needs

EVERYTHING = "*"
RENDERERS = ("render", "renderOnce")
LOOP = "{loop}"
"""In a path, a key that is the value of a loop around the task: `outputs.a[taskrun.value]` is `outputs.a.{loop}`."""
MAX_PARTS = 16


@dataclass(frozen=True, slots=True)
class References:
    """The variables, functions and filters that a template may use; more than it uses, never less.

    `paths` are dotted (`inputs.a`); a path stands for its whole branch, and `*` for the whole scope.
    `calls_render` are the paths whose values are rendered in turn, so that a caller can follow them.
    `is_pure` says that nothing outside the scope can be asked, neither clock nor chance; it is false
    for a template that renders values, because these may ask for anything: follow them first.
    `unknown` are names of functions, filters and tests that do not exist.
    """

    paths: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()
    calls_render: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()

    @property
    def needs_services(self) -> bool:
        return self._needs(Needs.SERVICES)

    @property
    def is_pure(self) -> bool:
        return not self.calls_render and not self._needs(Needs.SERVICES, Needs.CLOCK, Needs.CHANCE)

    def _needs(self, *needs: Needs) -> bool:
        used = [FUNCTIONS[name] for name in self.functions if name in FUNCTIONS]
        used += [FILTERS[name] for name in self.filters if name in FILTERS]
        return any(operation.needs in needs for operation in used)

    def __or__(self, other: References) -> References:
        return References(
            self.paths | other.paths,
            self.functions | other.functions,
            self.filters | other.filters,
            self.calls_render | other.calls_render,
            self.unknown | other.unknown,
        )


NOTHING = References()


def analyse(body: Body) -> References:
    walk = _Walk()
    walk.body(body, set())
    macros = walk.macros
    return References(
        frozenset(_shortest(walk.paths)),
        frozenset(walk.functions - macros),
        frozenset(walk.filters),
        frozenset(_shortest(walk.rendered)),
        frozenset(walk.unknown - macros),
    )


def _shortest(paths: Iterable[str]) -> Iterator[str]:
    """Leave out what a shorter path already covers."""
    known = set(paths)
    if EVERYTHING in known:
        yield EVERYTHING
        return
    for path in known:
        parts = path.split(".")
        if not any(".".join(parts[:end]) in known for end in range(1, len(parts))):
            yield path


class _Walk:
    def __init__(self) -> None:
        self.paths: set[str] = set()
        self.functions: set[str] = set()
        self.filters: set[str] = set()
        self.rendered: set[str] = set()
        self.unknown: set[str] = set()
        self.macros: set[str] = set()

    def body(self, body: Body, bound: set[str]) -> None:
        """Names bound by an enclosing loop or macro, or set before at this level, are not of the scope."""
        for statement in body:
            self._statement(statement, bound)

    def _statement(self, statement: Statement, bound: set[str]) -> None:
        if isinstance(statement, Print):
            self.node(statement.value, bound)
        elif isinstance(statement, Set):
            self.node(statement.value, bound)
            bound.add(statement.name)
        elif isinstance(statement, If):
            for condition, body in statement.branches:
                self.node(condition, bound)
                self.body(body, set(bound))
            self.body(statement.otherwise, set(bound))
        elif isinstance(statement, For):
            self.node(statement.values, bound)
            self.body(statement.body, bound | {statement.name, "loop"})
            self.body(statement.otherwise, set(bound))
        elif isinstance(statement, FilterBlock):
            self._filters(statement.filters, bound)
            self.body(statement.body, set(bound))
        elif isinstance(statement, Block):
            self.body(statement.body, set(bound))
        elif isinstance(statement, Macro):
            self._macro(statement, bound)

    def _macro(self, macro: Macro, bound: set[str]) -> None:
        self.macros.add(macro.name)
        for name, default in macro.parameters:
            if default is not None:
                self.node(default, bound)
            if name == "_context":
                self.paths.add(EVERYTHING)
        self.body(macro.body, {name for name, _ in macro.parameters})

    def node(self, node: Node, bound: set[str]) -> None:
        if isinstance(node, Name):
            self._touch(node, (), bound)
        elif isinstance(node, Path):
            self._path(node, bound)
        elif isinstance(node, Call):
            self._call(node, bound)
        elif isinstance(node, Pipeline):
            self.node(node.target, bound)
            self._filters(node.filters, bound)
        elif isinstance(node, Test):
            if node.name not in TESTS and node.name != "defined":
                self.unknown.add(node.name)
            self.node(node.target, bound)
            self._arguments(node.arguments, bound)
        else:
            for child in children(node):
                self.node(child, bound)

    def _filters(self, filters: list[Filter], bound: set[str]) -> None:
        for each in filters:
            (self.filters if each.name in FILTERS else self.unknown).add(each.name)
            self._arguments(each.arguments, bound)

    def _arguments(self, arguments: Arguments, bound: set[str]) -> None:
        for each in arguments.all():
            self.node(each, bound)

    def _call(self, call: Call, bound: set[str]) -> None:
        self.functions.add(call.name)
        operation = FUNCTIONS.get(call.name)
        if operation is None:
            self.unknown.add(call.name)
        else:
            self.paths.update(operation.touches)
        if call.name == "currentEachOutput":
            self._own_iteration(call, bound)
            return
        if call.name in RENDERERS:
            self.rendered.update(*(rendered_paths(each, bound) for each in call.arguments.all()))
        self._arguments(call.arguments, bound)

    def _own_iteration(self, call: Call, bound: set[str]) -> None:
        """The outputs of a task as far as they belong to the loop values around the running one."""
        for each in call.arguments.all():
            name, steps = (each.target, each.steps) if isinstance(each, Path) else (each, ())
            path = path_of(name, steps, bound) if isinstance(name, Name) else None
            if path is None or path == EVERYTHING:
                self.node(each, bound)
            else:
                is_task = path.startswith("outputs.") and path.count(".") == 1
                self.paths.add(f"{path}.{LOOP}" if is_task else path)

    def _path(self, node: Path, bound: set[str]) -> None:
        if isinstance(node.target, Name):
            self._touch(node.target, node.steps, bound)
        else:
            self.node(node.target, bound)
        for step in node.steps:
            if isinstance(step, Subscript):
                self.node(step.key, bound)
            elif isinstance(step, Method):
                self._arguments(step.arguments, bound)

    def _touch(self, target: Name, steps: tuple[Any, ...], bound: set[str]) -> None:
        path = path_of(target, steps, bound)
        if path is not None:
            self.paths.add(path)


def path_of(target: Name, steps: tuple[Any, ...], bound: set[str]) -> str | None:
    """The dotted path up to the first computed key; None for a name that the template binds itself."""
    if target.name == "_context":
        return EVERYTHING
    if target.name in bound:
        return None
    parts = [target.name]
    for step in steps:
        key = step.name if isinstance(step, Attribute) else _constant_key(step)
        if key is None and parts[0] == "outputs" and len(parts) > 1:
            key = _loop_key(step, bound)
        if key is None or "." in key or len(parts) == MAX_PARTS:
            break
        parts.append(key)
    return ".".join(parts)


def _constant_key(step: Subscript | Method) -> str | None:
    if isinstance(step, Subscript) and isinstance(step.key, Literal) and isinstance(step.key.value, str | int):
        return str(step.key.value)
    return None


def _loop_key(step: Any, bound: set[str]) -> str | None:
    """`{loop}` for `[taskrun.value]`, `[parent.taskrun.value]` and `[parents[0].taskrun.value]`."""
    if not isinstance(step, Subscript) or not isinstance(step.key, Path) or not isinstance(step.key.target, Name):
        return None
    name = step.key.target.name
    names = [each.name for each in step.key.steps if isinstance(each, Attribute)]
    wanted = {"taskrun": ["value"], "parent": ["taskrun", "value"], "parents": ["taskrun", "value"]}.get(name)
    return LOOP if names == wanted and name not in bound else None


def rendered_paths(node: Node, bound: set[str]) -> set[str]:
    """The paths whose values may become the text that `render` is given; `*` when it could be anything."""
    if isinstance(node, Name):
        return {path_of(node, (), bound) or EVERYTHING}
    if isinstance(node, Path) and isinstance(node.target, Name):
        return {path_of(node.target, node.steps, bound) or EVERYTHING}
    if isinstance(node, Literal):
        return {EVERYTHING} if isinstance(node.value, str) and "{" in node.value else set()
    if isinstance(node, Call | Path | Pipeline):
        return {EVERYTHING}
    return set().union(*(rendered_paths(child, bound) for child in children(node)))


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, for the kinds that need no special care."""
    if isinstance(node, Chain):
        return (node.first, *(operand for _, operand in node.rest))
    if isinstance(node, Unary):
        return (node.operand,)
    if isinstance(node, Ternary):
        return (node.condition, node.then, node.otherwise)
    if isinstance(node, ListOf):
        return node.items
    if isinstance(node, MapOf):
        return tuple(part for pair in node.pairs for part in pair)
    return (node.target, *node.arguments.all()) if isinstance(node, Test) else ()
