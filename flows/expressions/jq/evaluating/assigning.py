"""Nodes of jq that put other values in the places that a path leads to."""

from __future__ import annotations

from typing import Any

from flows.expressions.jq import nodes, steps
from flows.expressions.jq.evaluating.composing import operate
from flows.expressions.jq.nodes import Node
from flows.expressions.jq.streams import (
    EVALUATORS,
    Env,
    Item,
    Path,
    Stream,
    computed,
    paths,
    values,
)
from flows.expressions.jq.values import holds
from flows.expressions.limits import Run


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

EVALUATORS.update(
    {
        nodes.Assignment: _assignment,
    }
)
