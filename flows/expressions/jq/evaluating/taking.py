"""Nodes of jq that take parts of a value: `.a`, `.[0]`, `.[1:2]`, `.[]`, `..`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flows.expressions.jq import nodes, steps
from flows.expressions.jq.errors import JqError
from flows.expressions.jq.streams import (
    EVALUATORS,
    NOWHERE,
    SINGLES,
    Env,
    Item,
    Stream,
    evaluate,
    single,
    values,
)


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


def _single_index(node: nodes.Index, env: Env, value: Any) -> Any:
    return steps.at(env.run, single(node.target, env, value), single(node.key, env, value))


def _step(env: Env, item: Item, key: Any) -> Item:
    path, value = item
    if path is not None and path[:1] == NOWHERE:
        raise JqError("Invalid path expression")
    return (None if path is None else (*path, key), steps.at(env.run, value, key))


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


def _identity(node: nodes.Identity, env: Env, item: Item) -> Stream:
    yield item


EVALUATORS.update(
    {
        nodes.Identity: _identity,
        nodes.Everything: _everything,
        nodes.Index: _stepping,
        nodes.Slice: _stepping,
        nodes.Each: _stepping,
        nodes.Optional: _optional,
    }
)
SINGLES.update(
    {
        nodes.Identity: lambda node, env, value: value,
        nodes.Index: _single_index,
    }
)
