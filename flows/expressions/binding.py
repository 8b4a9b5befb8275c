"""Compile the arguments of a call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flows.expressions.frame import Evaluate, Frame
from flows.expressions.nodes import Arguments, Node

Compile = Callable[[Node], Evaluate]
Bind = Callable[[Frame], tuple[list[Any], dict[str, Any]]]


def bind_arguments(arguments: Arguments, compile_node: Compile) -> Bind:
    """What evaluates them: those by position, and those by name."""
    positional = [compile_node(each) for each in arguments.positional]
    named = [(name, compile_node(each)) for name, each in arguments.named]
    if not named:
        return lambda frame: ([each(frame) for each in positional], {})
    return lambda frame: ([each(frame) for each in positional], {name: each(frame) for name, each in named})
