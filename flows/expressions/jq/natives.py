"""How functions of jq that are written in Python say their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from flows.expressions.jq.evaluation import NATIVE, Env, Item, Native, Stream, computed, values
from flows.expressions.jq.nodes import Node
from flows.expressions.limits import Run


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


def keyed(name: str) -> Callable[[Callable[[Run, list[Any], list[Any]], Any]], Any]:
    """Register `name` and `name_by(f)` of a function that is given items and what they are ordered by."""

    def register(function: Callable[[Run, list[Any], list[Any]], Any]) -> Any:
        from flows.expressions.jq.functions.lists import keys_by, listed

        @stream(f"{name}_by", 1)
        def by(env: Env, arguments: tuple[Node, ...], item: Item) -> Stream:
            items = listed(item[1])
            yield computed(item, function(env.run, items, keys_by(env, arguments[0], items)))

        if name != "group":

            @value(name)
            def plain(run: Run, given: Any) -> Any:
                return function(run, listed(given), listed(given))

        return function

    return register
