"""Run a jq program: every node gives a stream of values, each with its path when somebody asks for paths."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flows.expressions.jq import nodes, steps
from flows.expressions.jq.errors import Broken, JqError
from flows.expressions.jq.formats import written
from flows.expressions.jq.nodes import Node, Pattern
from flows.expressions.jq.values import calculate, compare, holds, negated, text_of
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


def evaluate(node: Node, env: Env, item: Item) -> Stream:
    env.run.step()
    if node.is_single and item[0] is None:
        return iter(((None, single(node, env, item[1])),))
    return _EVALUATORS[type(node)](node, env, item)


def values(node: Node, env: Env, value: Any) -> Iterator[Any]:
    """The values alone, from a value whose path does not matter."""
    if node.is_single:
        env.run.step()
        return iter((single(node, env, value),))
    return (found for _, found in evaluate(node, env, (None, value)))


def single(node: Node, env: Env, value: Any) -> Any:
    """The one value of a node that gives exactly one."""
    return _SINGLES[type(node)](node, env, value)


def _single_index(node: nodes.Index, env: Env, value: Any) -> Any:
    return steps.at(env.run, single(node.target, env, value), single(node.key, env, value))


def _single_operation(node: nodes.Operation, env: Env, value: Any) -> Any:
    right = single(node.right, env, value)
    return operate(env.run, node.sign, single(node.left, env, value), right)


def _single_array(node: nodes.Array, env: Env, value: Any) -> Any:
    return [] if node.body is None else gathered(env, values(node.body, env, value))


def _single_variable(node: nodes.Variable, env: Env, value: Any) -> Any:
    found = env.find("$" + node.name)
    if found is None:
        if node.name == "ENV":
            return {}
        raise JqError(f"${node.name} is not defined")
    return found.value


_SINGLES: dict[type, Callable[[Any, Env, Any], Any]] = {
    nodes.Identity: lambda node, env, value: value,
    nodes.Literal: lambda node, env, value: node.value,
    nodes.Variable: _single_variable,
    nodes.Array: _single_array,
    nodes.Index: _single_index,
    nodes.Pipe: lambda node, env, value: single(node.second, env, single(node.first, env, value)),
    nodes.Negation: lambda node, env, value: negated(env.run, single(node.operand, env, value)),
    nodes.Operation: _single_operation,
}


def paths(node: Node, env: Env, value: Any) -> Iterator[tuple[Path, Any]]:
    """The paths that a program leads to; raises `JqError` where it computes instead of leading somewhere."""
    for path, found in evaluate(node, env, ((), value)):
        if path is None or path[:1] == NOWHERE:
            raise JqError("Invalid path expression")
        yield path, found


def computed(item: Item, value: Any) -> Item:
    """A value that has no place in the input."""
    return (None if item[0] is None else NOWHERE, value)


def _identity(node: nodes.Identity, env: Env, item: Item) -> Stream:
    yield item


def _literal(node: nodes.Literal, env: Env, item: Item) -> Stream:
    yield computed(item, node.value)


def _text(node: nodes.Text, env: Env, item: Item) -> Stream:
    for pieces in _pieces(node, env, item[1], len(node.parts)):
        env.run.room_for(sum(map(len, pieces)))
        yield computed(item, env.run.made_text("".join(pieces)))


def _pieces(node: nodes.Text, env: Env, value: Any, end: int) -> Iterator[list[str]]:
    """The pieces of a text up to one of its parts; the last part varies slowest."""
    if not end:
        yield []
        return
    part = node.parts[end - 1]
    if isinstance(part, str):
        for before in _pieces(node, env, value, end - 1):
            yield [*before, part]
        return
    for found in values(part, env, value):
        piece = written(env.run, node.format, found) if node.format != "@text" else text_of(env.run, found)
        for before in _pieces(node, env, value, end - 1):
            yield [*before, piece]


def _format(node: nodes.Format, env: Env, item: Item) -> Stream:
    yield computed(item, written(env.run, node.name, item[1]))


def _step(env: Env, item: Item, key: Any) -> Item:
    path, value = item
    if path is not None and path[:1] == NOWHERE:
        raise JqError("Invalid path expression")
    return (None if path is None else (*path, key), steps.at(env.run, value, key))


def _stepping(node: nodes.Index | nodes.Slice | nodes.Each, env: Env, item: Item) -> Stream:
    take = _STEPS[type(node)]
    for target in evaluate(node.target, env, item):
        yield from take(node, env, item, target)


def _optional(node: nodes.Optional, env: Env, item: Item) -> Stream:
    take = _STEPS[type(node.step)]
    try:
        for target in evaluate(node.step.target, env, item):
            try:
                yield from take(node.step, env, item, target)
            except JqError:
                continue
    except JqError:
        return


def _index(node: nodes.Index, env: Env, item: Item, target: Item) -> Stream:
    if isinstance(node.key, nodes.Literal):
        yield _step(env, target, node.key.value)
    else:
        for key in values(node.key, env, item[1]):
            yield _step(env, target, key)


def _slice(node: nodes.Slice, env: Env, item: Item, target: Item) -> Stream:
    for end in values(node.end, env, item[1]) if node.end is not None else (None,):
        for start in values(node.start, env, item[1]) if node.start is not None else (None,):
            steps.sliced(target[1], start, end)
            yield _step(env, target, {"start": start, "end": end})


_STEPS: dict[type, Callable[[Any, Env, Item, Item], Stream]] = {
    nodes.Index: _index,
    nodes.Slice: _slice,
    nodes.Each: lambda node, env, item, target: each_part(env, target),
}


def each_part(env: Env, item: Item) -> Stream:
    path, value = item
    if path is not None and path[:1] == NOWHERE:
        raise JqError("Invalid path expression")
    for key, part in steps.parts(value):
        env.run.step()
        yield (None if path is None else (*path, key), part)


def _everything(node: nodes.Everything, env: Env, item: Item) -> Stream:
    waiting = [item]
    while waiting:
        found = waiting.pop()
        env.run.step()
        yield found
        if isinstance(found[1], dict | list):
            waiting.extend(reversed([*each_part(env, found)]))


def _try(node: nodes.Try, env: Env, item: Item) -> Stream:
    try:
        yield from evaluate(node.body, env, item)
    except JqError as error:
        if node.handler is not None:
            yield from (computed(item, found) for found in values(node.handler, env, error.value))


def _array(node: nodes.Array, env: Env, item: Item) -> Stream:
    yield computed(item, _single_array(node, env, item[1]))


def gathered(env: Env, found: Iterator[Any]) -> list[Any]:
    items: list[Any] = []
    for each in found:
        items.append(each)
        env.run.one_more_item(len(items))
    return items


def _object(node: nodes.Object, env: Env, item: Item) -> Stream:
    for found in _entries(node.entries, env, item[1]):
        yield computed(item, found)


def _entries(entries: tuple[tuple[Node, Node], ...], env: Env, value: Any) -> Iterator[dict[str, Any]]:
    if not entries:
        yield {}
        return
    key_node, value_node = entries[-1]
    for before in _entries(entries[:-1], env, value):
        for key in values(key_node, env, value):
            if not isinstance(key, str):
                raise JqError("Object keys must be strings")
            for each in values(value_node, env, value):
                yield {**before, key: each}


def _pipe(node: nodes.Pipe, env: Env, item: Item) -> Stream:
    for found in evaluate(node.first, env, item):
        yield from evaluate(node.second, env, found)


def _comma(node: nodes.Comma, env: Env, item: Item) -> Stream:
    yield from evaluate(node.first, env, item)
    yield from evaluate(node.second, env, item)


def _negation(node: nodes.Negation, env: Env, item: Item) -> Stream:
    for found in values(node.operand, env, item[1]):
        yield computed(item, negated(env.run, found))


def _operation(node: nodes.Operation, env: Env, item: Item) -> Stream:
    if node.sign == "//":
        yield from _alternative(node, env, item)
    elif node.sign in ("and", "or"):
        yield from _logic(node, env, item)
    else:
        for right in values(node.right, env, item[1]):
            for left in values(node.left, env, item[1]):
                yield computed(item, operate(env.run, node.sign, left, right))


def operate(run: Run, sign: str, left: Any, right: Any) -> Any:
    test = _TESTS.get(sign)
    return calculate(run, sign, left, right) if test is None else test(compare(run, left, right))


_TESTS: dict[str, Callable[[int], bool]] = {
    "==": lambda order: order == 0,
    "!=": lambda order: order != 0,
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}


def _alternative(node: nodes.Operation, env: Env, item: Item) -> Stream:
    """What of the left is neither null nor false, errors passed over; the right when there is nothing."""
    found = False
    try:
        for each in evaluate(node.left, env, item):
            if holds(each[1]):
                found = True
                yield each
    except JqError:
        pass
    if not found:
        yield from evaluate(node.right, env, item)


def _logic(node: nodes.Operation, env: Env, item: Item) -> Stream:
    decisive = node.sign == "or"
    for left in values(node.left, env, item[1]):
        if holds(left) is decisive:
            yield computed(item, decisive)
        else:
            for right in values(node.right, env, item[1]):
                yield computed(item, holds(right))


def _assignment(node: nodes.Assignment, env: Env, item: Item) -> Stream:
    if node.sign == "|=":
        yield computed(item, updated(node.target, node.value, env, item[1]))
        return
    for new in values(node.value, env, item[1]):
        value = item[1]
        for path, _ in paths(node.target, env, item[1]):
            value = steps.put(env.run, value, path, _assigned(env.run, node.sign, steps.get(env.run, value, path), new))
        yield computed(item, value)


def _assigned(run: Run, sign: str, old: Any, new: Any) -> Any:
    if sign == "=":
        return new
    return (old if holds(old) else new) if sign == "//=" else operate(run, sign[:-1], old, new)


def updated(target: Node, change: Node, env: Env, value: Any) -> Any:
    """Each place that the target leads to, as the program first gives it, or taken away when it gives nothing."""
    gone: list[Path] = []
    for path, _ in [*paths(target, env, value)]:
        new = next(values(change, env, steps.get(env.run, value, path)), _GONE)
        if new is _GONE:
            gone.append(path)
        else:
            value = steps.put(env.run, value, path, new)
    for path in reversed(gone):
        value = steps.without(env.run, value, path)
    return value


_GONE = object()


def _if(node: nodes.If, env: Env, item: Item) -> Stream:
    for condition in values(node.condition, env, item[1]):
        yield from evaluate(node.then if holds(condition) else node.otherwise, env, item)


def _variable(node: nodes.Variable, env: Env, item: Item) -> Stream:
    yield computed(item, _single_variable(node, env, item[1]))


def _binding(node: nodes.Binding, env: Env, item: Item) -> Stream:
    names = sorted({name for pattern in node.patterns for name in _names(pattern)})
    for source in values(node.source, env, item[1]):
        for place, pattern in enumerate(node.patterns):
            start = env
            for name in names if len(node.patterns) > 1 else ():
                start = start.bound("$" + name, None)
            try:
                for inner in taken_apart(pattern, source, start):
                    yield from evaluate(node.body, inner, item)
                break
            except JqError:
                if place == len(node.patterns) - 1:
                    raise


def _names(pattern: Pattern) -> Iterator[str]:
    if isinstance(pattern, str):
        yield pattern
    elif isinstance(pattern, nodes.ListPattern):
        for each in pattern.items:
            yield from _names(each)
    else:
        for name, _, inner in pattern.entries:
            yield from (name,) if name else ()
            yield from _names(inner) if inner is not None else ()


def taken_apart(pattern: Pattern, value: Any, env: Env) -> Iterator[Env]:
    """The names of a pattern bound to the parts of a value."""
    if isinstance(pattern, str):
        yield env.bound("$" + pattern, value)
    elif isinstance(pattern, nodes.ListPattern):
        if value is not None and not isinstance(value, list):
            raise JqError("Cannot index that with number")
        yield from _each_bound([(index, each) for index, each in enumerate(pattern.items)], value, env)
    else:
        yield from _entries_bound(pattern.entries, value, env)


def _each_bound(items: list[tuple[int, Pattern]], value: Any, env: Env) -> Iterator[Env]:
    if not items:
        yield env
        return
    index, pattern = items[0]
    for inner in taken_apart(pattern, steps.at(env.run, value, index), env):
        yield from _each_bound(items[1:], value, inner)


def _entries_bound(entries: tuple[tuple[str | None, Node, Pattern | None], ...], value: Any, env: Env) -> Iterator[Env]:
    if not entries:
        yield env
        return
    name, key_node, pattern = entries[0]
    for key in values(key_node, env, value):
        part = steps.at(env.run, value, key)
        outer = env.bound("$" + name, part) if name else env
        for inner in taken_apart(pattern, part, outer) if pattern is not None else (outer,):
            yield from _entries_bound(entries[1:], value, inner)


def _reduce(node: nodes.Reduce, env: Env, item: Item) -> Stream:
    for state in values(node.start, env, item[1]):
        for source in values(node.source, env, item[1]):
            for inner in taken_apart(node.pattern, source, env):
                state = last_of(values(node.update, inner, state), None)
        yield computed(item, state)


def _foreach(node: nodes.Foreach, env: Env, item: Item) -> Stream:
    for state in values(node.start, env, item[1]):
        for source in values(node.source, env, item[1]):
            for inner in taken_apart(node.pattern, source, env):
                before = state
                for state in values(node.update, inner, before):  # the last of them is where it goes on
                    for found in values(node.extract, inner, state) if node.extract is not None else (state,):
                        yield computed(item, found)


def last_of(found: Iterator[Any], default: Any) -> Any:
    """The last of a stream, all of which is run."""
    kept = deque(found, maxlen=1)
    return kept[0] if kept else default


def _label(node: nodes.Label, env: Env, item: Item) -> Stream:
    label = object()
    try:
        yield from evaluate(node.body, env.bound("*" + node.name, label), item)
    except Broken as broken:
        if broken.label is not label:
            raise


def _break(node: nodes.Break, env: Env, item: Item) -> Stream:
    found = env.find("*" + node.name)
    if found is None:
        raise JqError(f"$*label-{node.name} is not defined")
    raise Broken(found.value)
    yield  # it is a stream, if one that never gives anything


def _definition(node: nodes.Definition, env: Env, item: Item) -> Stream:
    name = f"{node.name}/{len(node.parameters)}"
    return evaluate(node.rest, env.bound(name, Function(node.parameters, node.body)), item)


def _call(node: nodes.Call, env: Env, item: Item) -> Stream:
    count = len(node.arguments)
    found = env.find(f"{node.name}/{count}")
    if found is None:
        native = NATIVE.get((node.name, count))
        if native is None:
            raise JqError(f"{node.name}/{count} is not defined")
        yield from native(env, node.arguments, item)
    elif isinstance(found.value, Closure):
        yield from evaluate(found.value.node, found.value.env, item)
    else:
        env.run.enter()
        try:
            yield from _applied(found.value, node.arguments, env, found, item)
        finally:
            env.run.leave()


def _applied(function: Function, arguments: tuple[Node, ...], env: Env, defined: Env, item: Item) -> Stream:
    """A function sees what was in scope where it was defined, itself, and its arguments as programs or values."""
    inner, by_value = defined, []
    for parameter, argument in zip(function.parameters, arguments, strict=True):
        name = parameter.removeprefix("$")
        inner = inner.bound(f"{name}/0", Closure(argument, env))
        if parameter != name:
            by_value.append((name, argument))
    for bound in _with_values(by_value, env, inner, item[1]):
        yield from evaluate(function.body, bound, item)


def _with_values(parameters: list[tuple[str, Node]], env: Env, inner: Env, value: Any) -> Iterator[Env]:
    if not parameters:
        yield inner
        return
    name, argument = parameters[0]
    for found in values(argument, env, value):
        bound = inner.bound("$" + name, found).bound(f"{name}/0", Closure(nodes.Literal(found), env))
        yield from _with_values(parameters[1:], env, bound, value)


_EVALUATORS: dict[type, Callable[[Any, Env, Item], Stream]] = {
    nodes.Identity: _identity,
    nodes.Everything: _everything,
    nodes.Literal: _literal,
    nodes.Text: _text,
    nodes.Format: _format,
    nodes.Index: _stepping,
    nodes.Slice: _stepping,
    nodes.Each: _stepping,
    nodes.Optional: _optional,
    nodes.Try: _try,
    nodes.Array: _array,
    nodes.Object: _object,
    nodes.Pipe: _pipe,
    nodes.Comma: _comma,
    nodes.Negation: _negation,
    nodes.Operation: _operation,
    nodes.Assignment: _assignment,
    nodes.If: _if,
    nodes.Variable: _variable,
    nodes.Binding: _binding,
    nodes.Reduce: _reduce,
    nodes.Foreach: _foreach,
    nodes.Label: _label,
    nodes.Break: _break,
    nodes.Definition: _definition,
    nodes.Call: _call,
}
