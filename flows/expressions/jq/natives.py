"""How functions of jq that are written in Python say their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flows.expressions.jq.nodes import Node
from flows.expressions.jq.streams import NATIVE, Env, Item, Native, Stream, computed, values


def stream(name: str, count: int) -> Callable[[Native], Native]:
    """Register a function that is given its arguments as programs and hands on values with their paths."""

    def register(function: Native) -> Native:
        NATIVE[name, count] = function
        return function

    return register


Compute = Callable[..., Any]


def value(name: str, count: int = 0) -> Callable[[Compute], Compute]:
    """Register `function(run, value, *arguments)`, computed for every combination of what its arguments give."""

    def register(function: Compute) -> Compute:
        def run(env: Env, arguments: tuple[Node, ...], item: Item) -> Stream:
            for given in combinations(env, arguments, item[1]):
                yield computed(item, function(env.run, item[1], *given))

        NATIVE[name, count] = run
        return function

    return register


def combinations(env: Env, arguments: tuple[Node, ...], value: Any) -> Iterator[list[Any]]:
    if not arguments:
        yield []
        return
    for first in values(arguments[0], env, value):
        for rest in combinations(env, arguments[1:], value):
            yield [first, *rest]
