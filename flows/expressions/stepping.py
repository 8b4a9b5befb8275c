"""Compile the steps that lead into a value: `a.b["c"][0].size()`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flows.expressions import access
from flows.expressions.binding import Compile, bind_arguments
from flows.expressions.errors import UndefinedError
from flows.expressions.frame import MISSING, Evaluate, Frame
from flows.expressions.methods import call_method, property_of
from flows.expressions.nodes import Attribute, Method, Name, Path, Subscript
from flows.expressions.taint import MASK, TAINTED

Step = Callable[[Frame, Any], Any]


def undefined(frame: Frame, name: str, line: int) -> UndefinedError:
    return UndefinedError(name, frame.source, line)


def compile_path(node: Path, compile_node: Compile) -> Evaluate:
    target = compile_node(node.target)
    steps = tuple(_step(step, compile_node) for step in node.steps)
    root = node.target.name if isinstance(node.target, Name) else None
    if all(isinstance(step, Attribute) for step in node.steps):
        return _plain_path(target, root, tuple((s.name, s.line) for s in node.steps if isinstance(s, Attribute)))

    def walk(frame: Frame) -> Any:
        value = target(frame)
        for position, step in enumerate(steps):
            if value is None:
                raise _of_null(frame, node, position, compile_node)
            value = step(frame, value)
        return value

    return walk


def _plain_path(target: Evaluate, root: str | None, names: tuple[tuple[str, int], ...]) -> Evaluate:
    """`a.b.c`, the most frequent expression of all."""

    def walk(frame: Frame) -> Any:
        value = target(frame)
        for name, line in names:
            if type(value) is dict and name in value:
                value = value[name]
            else:
                found = _taken(frame, value, name)
                if found is MISSING:
                    first = value is None and root is not None and (name, line) == names[0]
                    raise undefined(frame, root if first and root else access.absent(value) or name, line)
                value = found
        return value

    return walk


def _taken(frame: Frame, value: Any, name: str) -> Any:
    """`value.name`: a key or a position, or what a method of that name answers; or MISSING."""
    found = access.attribute(value, name)
    return property_of(frame.run, value, name) if found is MISSING and value is not None else found


def _of_null(frame: Frame, node: Path, position: int, compile_node: Compile) -> UndefinedError:
    """Nothing can be taken from null: the fault lies with the variable when that is null, else with the step."""
    step = node.steps[position]
    if position == 0 and isinstance(node.target, Name):
        return undefined(frame, node.target.name, step.line)
    name = step.name if not isinstance(step, Subscript) else _key_name(compile_node(step.key)(frame))
    return undefined(frame, name, step.line)


def _key_name(key: Any) -> str:
    return text_of_key(key) if isinstance(key, str | int) and not isinstance(key, TAINTED) else MASK


def text_of_key(key: str | int) -> str:
    return key if isinstance(key, str) else int.__repr__(key)


def _step(step: Attribute | Subscript | Method, compile_node: Compile) -> Step:
    if isinstance(step, Attribute):
        return _attribute_step(step)
    if isinstance(step, Subscript):
        return _subscript_step(step, compile_node)
    return _method_step(step, compile_node)


def _attribute_step(step: Attribute) -> Step:
    def take(frame: Frame, value: Any) -> Any:
        found = _taken(frame, value, step.name)
        if found is MISSING:
            raise undefined(frame, step.name, step.line)
        return found

    return take


def _subscript_step(step: Subscript, compile_node: Compile) -> Step:
    key = compile_node(step.key)

    def take(frame: Frame, value: Any) -> Any:
        at = key(frame)
        found = access.item(value, at)
        if found is MISSING:
            raise undefined(frame, _key_name(at), step.line)
        return found

    return take


def _method_step(step: Method, compile_node: Compile) -> Step:
    bind = bind_arguments(step.arguments, compile_node)

    def take(frame: Frame, value: Any) -> Any:
        frame.run.step()
        positional, named = bind(frame)
        found = call_method(frame.run, value, step.name, positional) if not named else MISSING
        if found is MISSING:
            raise undefined(frame, step.name, step.line)
        return found

    return take
