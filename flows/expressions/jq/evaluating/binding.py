"""Nodes of jq that give names to values and programs, and call programs by their names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flows.expressions.jq import nodes, steps
from flows.expressions.jq.errors import Broken, JqError
from flows.expressions.jq.nodes import Node, Pattern
from flows.expressions.jq.streams import (
    EVALUATORS,
    NATIVE,
    SINGLES,
    Closure,
    Env,
    Function,
    Item,
    Stream,
    computed,
    evaluate,
    last_of,
    values,
)


def _variable(node: nodes.Variable, env: Env, item: Item) -> Stream:
    yield computed(item, _single_variable(node, env, item[1]))


def _single_variable(node: nodes.Variable, env: Env, value: Any) -> Any:
    found = env.find("$" + node.name)
    if found is None:
        if node.name == "ENV":
            return {}
        raise JqError(f"${node.name} is not defined")
    return found.value


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


EVALUATORS.update(
    {
        nodes.Variable: _variable,
        nodes.Binding: _binding,
        nodes.Reduce: _reduce,
        nodes.Foreach: _foreach,
        nodes.Label: _label,
        nodes.Break: _break,
        nodes.Definition: _definition,
        nodes.Call: _call,
    }
)
SINGLES.update(
    {
        nodes.Variable: _single_variable,
    }
)
