"""Nodes of jq that make values: literals, lists, maps, texts, pipes and operators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flows.expressions.jq import nodes
from flows.expressions.jq.errors import JqError
from flows.expressions.jq.formats import written
from flows.expressions.jq.nodes import Node
from flows.expressions.jq.streams import (
    EVALUATORS,
    SINGLES,
    Env,
    Item,
    Stream,
    computed,
    evaluate,
    gathered,
    single,
    values,
)
from flows.expressions.jq.values import calculate, compare, holds, negated, text_of
from flows.expressions.limits import Run


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


def _try(node: nodes.Try, env: Env, item: Item) -> Stream:
    try:
        yield from evaluate(node.body, env, item)
    except JqError as error:
        if node.handler is not None:
            yield from (computed(item, found) for found in values(node.handler, env, error.value))


def _array(node: nodes.Array, env: Env, item: Item) -> Stream:
    yield computed(item, _single_array(node, env, item[1]))


def _single_array(node: nodes.Array, env: Env, value: Any) -> Any:
    return [] if node.body is None else gathered(env, values(node.body, env, value))


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


def _single_operation(node: nodes.Operation, env: Env, value: Any) -> Any:
    right = single(node.right, env, value)
    return operate(env.run, node.sign, single(node.left, env, value), right)


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


def _if(node: nodes.If, env: Env, item: Item) -> Stream:
    for condition in values(node.condition, env, item[1]):
        yield from evaluate(node.then if holds(condition) else node.otherwise, env, item)


EVALUATORS.update(
    {
        nodes.Literal: _literal,
        nodes.Text: _text,
        nodes.Format: _format,
        nodes.Try: _try,
        nodes.Array: _array,
        nodes.Object: _object,
        nodes.Pipe: _pipe,
        nodes.Comma: _comma,
        nodes.Negation: _negation,
        nodes.Operation: _operation,
        nodes.If: _if,
    }
)
SINGLES.update(
    {
        nodes.Literal: lambda node, env, value: node.value,
        nodes.Array: _single_array,
        nodes.Pipe: lambda node, env, value: single(node.second, env, single(node.first, env, value)),
        nodes.Negation: lambda node, env, value: negated(env.run, single(node.operand, env, value)),
        nodes.Operation: _single_operation,
    }
)
