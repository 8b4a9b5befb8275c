"""Functions of jq that decide what comes, how often and how far."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice
from typing import Any

from flows.expressions.jq import steps
from flows.expressions.jq.errors import JqError
from flows.expressions.jq.evaluating.taking import each_part
from flows.expressions.jq.functions.lists import from_entries, to_entries, total
from flows.expressions.jq.natives import combinations, stream
from flows.expressions.jq.natives import value as value_function
from flows.expressions.jq.nodes import Node
from flows.expressions.jq.streams import (
    NATIVE,
    Env,
    Item,
    Path,
    Stream,
    computed,
    evaluate,
    gathered,
    last_of,
    paths,
    values,
)
from flows.expressions.jq.values import compare, holds, kind_of, ordered
from flows.expressions.limits import Run

Arguments = tuple[Node, ...]


@stream("empty", 0)
def empty(env: Env, arguments: Arguments, item: Item) -> Stream:
    yield from ()


@stream("error", 0)
def error(env: Env, arguments: Arguments, item: Item) -> Stream:
    raise JqError(item[1])
    yield


@stream("error", 1)
def error_of(env: Env, arguments: Arguments, item: Item) -> Stream:
    for message in values(arguments[0], env, item[1]):
        raise JqError(message)
    yield from ()


@stream("halt_error", 0)
@stream("halt_error", 1)
@stream("halt", 0)
def halt(env: Env, arguments: Arguments, item: Item) -> Stream:
    raise JqError("a program cannot halt here")
    yield


@stream("select", 1)
def select(env: Env, arguments: Arguments, item: Item) -> Stream:
    for condition in values(arguments[0], env, item[1]):
        if holds(condition):
            yield item


@stream("map", 1)
def map_(env: Env, arguments: Arguments, item: Item) -> Stream:
    found = (each for _, part in steps.parts(item[1]) for each in values(arguments[0], env, part))
    yield computed(item, gathered(env, found))


@stream("map_values", 1)
def map_values(env: Env, arguments: Arguments, item: Item) -> Stream:
    """Each part changed to what the program first gives, left out when it gives nothing."""
    changed = [
        (key, found) for key, part in steps.parts(item[1]) for found in islice(values(arguments[0], env, part), 1)
    ]
    yield computed(item, dict(changed) if isinstance(item[1], dict) else [each for _, each in changed])


@stream("recurse", 0)
def recurse(env: Env, arguments: Arguments, item: Item) -> Stream:
    return _recursed(env, item, lambda found: each_part(env, found) if isinstance(found[1], dict | list) else iter(()))


@stream("recurse", 1)
def recurse_by(env: Env, arguments: Arguments, item: Item) -> Stream:
    return _recursed(env, item, lambda found: evaluate(arguments[0], env, found))


@stream("recurse", 2)
def recurse_while(env: Env, arguments: Arguments, item: Item) -> Stream:
    def below(found: Item) -> Stream:
        for each in evaluate(arguments[0], env, found):
            if any(holds(condition) for condition in values(arguments[1], env, each[1])):
                yield each

    return _recursed(env, item, below)


def _recursed(env: Env, item: Item, below: Any) -> Stream:
    """Depth first, on a stack of its own: nothing nests however deep it goes."""
    yield item
    stack: list[Stream] = [below(item)]
    while stack:
        env.run.one_more_item(len(stack))
        found = next(stack[-1], None)
        if found is None:
            stack.pop()
        else:
            yield found
            stack.append(below(found))


@stream("repeat", 1)
def repeat(env: Env, arguments: Arguments, item: Item) -> Stream:
    return _recursed(env, item, lambda found: evaluate(arguments[0], env, found))


@stream("while", 2)
def while_(env: Env, arguments: Arguments, item: Item) -> Stream:
    condition, update = arguments

    def below(found: Item) -> Stream:
        return (each for each in evaluate(update, env, found) if _first_holds(condition, env, each[1]))

    if _first_holds(condition, env, item[1]):
        yield from _recursed(env, item, below)


def _first_holds(condition: Node, env: Env, value: Any) -> bool:
    return any(holds(found) for found in islice(values(condition, env, value), 1))


@stream("until", 2)
def until(env: Env, arguments: Arguments, item: Item) -> Stream:
    condition, update = arguments
    current: Item | None = item
    while current is not None and not _first_holds(condition, env, current[1]):
        env.run.step()
        current = next(evaluate(update, env, current), None)
    if current is not None:
        yield current


@stream("first", 1)
def first(env: Env, arguments: Arguments, item: Item) -> Stream:
    yield from islice(evaluate(arguments[0], env, item), 1)


@stream("last", 1)
def last(env: Env, arguments: Arguments, item: Item) -> Stream:
    found = last_of(evaluate(arguments[0], env, item), None)
    if found is not None:
        yield found


@stream("limit", 2)
def limit(env: Env, arguments: Arguments, item: Item) -> Stream:
    """A negative limit is none."""
    for count in values(arguments[0], env, item[1]):
        found = evaluate(arguments[1], env, item)
        yield from found if _number(count) < 0 else islice(found, math.ceil(_number(count)))


@stream("nth", 2)
def nth(env: Env, arguments: Arguments, item: Item) -> Stream:
    """The one of that place, or the last that there is."""
    for count in values(arguments[0], env, item[1]):
        if _number(count) < 0:
            raise JqError("nth doesn't support negative indices")
        found = last_of(islice(evaluate(arguments[1], env, item), int(_number(count)) + 1), None)
        if found is not None:
            yield found


def _number(value: Any) -> float:
    if kind_of(value) != "number":
        raise JqError(f"a number is needed, not {kind_of(value)}")
    return float(value)


@stream("isempty", 1)
def isempty(env: Env, arguments: Arguments, item: Item) -> Stream:
    yield computed(item, next(values(arguments[0], env, item[1]), _NOTHING) is _NOTHING)


_NOTHING = object()


@stream("range", 1)
@stream("range", 2)
@stream("range", 3)
def range_(env: Env, arguments: Arguments, item: Item) -> Stream:
    for given in combinations(env, arguments, item[1]):
        start, end, step = (0, given[0], 1) if len(given) == 1 else (*given, 1)[:3]
        if {kind_of(each) for each in (start, end, step)} != {"number"}:
            raise JqError("Range bounds must be numeric")
        yield from (computed(item, each) for each in _counted(env.run, start, end, step))


def _counted(run: Run, start: Any, end: Any, step: Any) -> Iterator[Any]:
    while (start < end and step > 0) or (start > end and step < 0) or (step == 0 and start < end):
        run.step()
        yield start
        start += step


@stream("any", 0)
@stream("any", 1)
@stream("any", 2)
def any_(env: Env, arguments: Arguments, item: Item) -> Stream:
    yield computed(item, any(_conditions(env, arguments, item[1])))


@stream("all", 0)
@stream("all", 1)
@stream("all", 2)
def all_(env: Env, arguments: Arguments, item: Item) -> Stream:
    yield computed(item, all(_conditions(env, arguments, item[1])))


def _conditions(env: Env, arguments: Arguments, value: Any) -> Iterator[bool]:
    parts = values(arguments[0], env, value) if len(arguments) == 2 else (part for _, part in steps.parts(value))
    for part in parts:
        for found in values(arguments[-1], env, part) if arguments else (part,):
            yield holds(found)


@stream("path", 1)
def path(env: Env, arguments: Arguments, item: Item) -> Stream:
    for found, _ in paths(arguments[0], env, item[1]):
        yield computed(item, [*found])


@stream("paths", 0)
@stream("paths", 1)
def paths_(env: Env, arguments: Arguments, item: Item) -> Stream:
    for found, part in NATIVE["recurse", 0](env, (), ((), item[1])):
        if found and (not arguments or any(holds(each) for each in values(arguments[0], env, part))):
            yield computed(item, [*found])


@stream("leaf_paths", 0)
def leaf_paths(env: Env, arguments: Arguments, item: Item) -> Stream:
    for found, part in NATIVE["recurse", 0](env, (), ((), item[1])):
        if found and not isinstance(part, dict | list):
            yield computed(item, [*found])


@stream("getpath", 1)
def getpath(env: Env, arguments: Arguments, item: Item) -> Stream:
    for wanted in values(arguments[0], env, item[1]):
        found = steps.get(env.run, item[1], _path(wanted))
        yield (None if item[0] is None else (*item[0], *_path(wanted)), found)


def _path(value: Any) -> Path:
    if not isinstance(value, list):
        raise JqError("Path must be specified as an array")
    return tuple(value)


@value_function("setpath", 2)
def setpath(run: Run, value: Any, wanted: Any, new: Any) -> Any:
    return steps.put(run, value, _path(wanted), new)


@value_function("delpaths", 1)
def delpaths(run: Run, value: Any, wanted: Any) -> Any:
    if not isinstance(wanted, list):
        raise JqError("Paths must be specified as an array")
    for place in reversed(ordered(run, wanted)):
        value = steps.without(run, value, _path(wanted[place]))
    return value


@stream("del", 1)
def del_(env: Env, arguments: Arguments, item: Item) -> Stream:
    wanted = [[*found] for found, _ in paths(arguments[0], env, item[1])]
    yield computed(item, delpaths(env.run, item[1], wanted))


@stream("pick", 1)
def pick(env: Env, arguments: Arguments, item: Item) -> Stream:
    made = None
    for found, part in paths(arguments[0], env, item[1]):
        made = steps.put(env.run, made, found, part)
    yield computed(item, made)


@stream("with_entries", 1)
def with_entries(env: Env, arguments: Arguments, item: Item) -> Stream:
    entries = to_entries(env.run, item[1])
    changed = gathered(env, (found for each in entries for found in values(arguments[0], env, each)))
    yield computed(item, from_entries(env.run, changed))


@stream("walk", 1)
def walk(env: Env, arguments: Arguments, item: Item) -> Stream:
    yield from (computed(item, found) for found in _walked(env, arguments[0], item[1]))


def _walked(env: Env, change: Node, value: Any) -> Iterator[Any]:
    """Each part is changed before what holds it."""
    env.run.enter()
    if isinstance(value, dict):
        parts = ((key, next(_walked(env, change, each), _NOTHING)) for key, each in value.items())
        value = {key: each for key, each in parts if each is not _NOTHING}
    elif isinstance(value, list):
        value = gathered(env, (found for each in value for found in _walked(env, change, each)))
    env.run.leave()
    yield from values(change, env, value)


@stream("IN", 1)
def in_(env: Env, arguments: Arguments, item: Item) -> Stream:
    yield computed(item, any(compare(env.run, item[1], each) == 0 for each in values(arguments[0], env, item[1])))


@stream("add", 1)
def add_of(env: Env, arguments: Arguments, item: Item) -> Stream:
    yield computed(item, total(env.run, values(arguments[0], env, item[1])))


@stream("debug", 0)
@stream("debug", 1)
def debug(env: Env, arguments: Arguments, item: Item) -> Stream:
    yield item


@stream("input", 0)
@stream("inputs", 0)
def inputs(env: Env, arguments: Arguments, item: Item) -> Stream:
    raise JqError("No more inputs")
    yield


@value_function("env")
def environment(run: Run, value: Any) -> Any:
    return {}


@value_function("builtins")
def builtins(run: Run, value: Any) -> Any:
    return [f"{name}/{count}" for name, count in NATIVE]
