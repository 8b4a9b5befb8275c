"""Turn the statements of a template into closures that write into a list of texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flows.expressions.compiler import compile_filters, compile_node
from flows.expressions.entries import entries_of
from flows.expressions.errors import ArgumentError, EvaluationError, ExpressionError
from flows.expressions.frame import Evaluate, Frame, Write
from flows.expressions.nodes import (
    Block,
    Body,
    FilterBlock,
    For,
    If,
    Macro,
    Print,
    Set,
    Statement,
    Text,
)
from flows.expressions.operators import SEQUENCES, truth, type_name
from flows.expressions.taint import join
from flows.expressions.text import printed

MACRO_LEVELS = 4


def compile_body(body: Body) -> Write:
    """Blocks and macros are known from the start of the body, wherever in it they stand."""
    writers = [_COMPILERS[type(statement)](statement) for statement in body]
    if len(writers) == 1:
        return writers[0]

    def write(frame: Frame, out: list[str]) -> None:
        for writer in writers:
            writer(frame, out)

    return write


def declare(body: Body) -> Callable[[Frame], None]:
    """What a template defines before it runs: its macros and blocks."""
    macros = [(each.name, _macro_call(each)) for each in body if isinstance(each, Macro)]
    blocks = [(each.name, compile_body(each.body)) for each in body if isinstance(each, Block)]

    def run(frame: Frame) -> None:
        frame.macros = dict(macros)
        frame.blocks = dict(blocks)

    return run


def written(frame: Frame, write: Write) -> str:
    """The text that a body writes."""
    out: list[str] = []
    write(frame, out)
    return join(out)


def _text(node: Text) -> Write:
    text = node.text

    def write(frame: Frame, out: list[str]) -> None:
        frame.run.made_text(text)
        out.append(text)

    return write


def _print(node: Print) -> Write:
    value = compile_node(node.value)

    def write(frame: Frame, out: list[str]) -> None:
        try:
            text = printed(value(frame), frame.run)
        except ExpressionError as error:
            error.line = error.line or node.line
            raise
        out.append(frame.run.made_text(text))

    return write


def _if(node: If) -> Write:
    branches = [(compile_node(condition), compile_body(body)) for condition, body in node.branches]
    otherwise = compile_body(node.otherwise)

    def write(frame: Frame, out: list[str]) -> None:
        for condition, body in branches:
            if truth(condition(frame)):
                return body(frame, out)
        return otherwise(frame, out)

    return write


def _for(node: For) -> Write:
    values, body, otherwise = compile_node(node.values), compile_body(node.body), compile_body(node.otherwise)
    weight = 1 + size_of(node.body)

    def write(frame: Frame, out: list[str]) -> None:
        found = values(frame)
        if found is None:
            return None
        items = _iterated(found, node)
        if not items:
            return otherwise(frame, out)
        layer: dict[str, Any] = {}
        frame.layers.append(layer)
        for index, value in enumerate(items):
            frame.run.step(weight)
            layer[node.name] = value
            layer["loop"] = _loop(index, len(items))
            body(frame, out)
        frame.layers.pop()
        return None

    return write


def _loop(index: int, length: int) -> dict[str, Any]:
    last = length - 1
    return {"index": index, "length": length, "first": not index, "last": index == last, "revindex": last - index}


def _iterated(value: Any, node: For) -> list[Any]:
    if isinstance(value, Mapping):
        return entries_of(value)
    if isinstance(value, SEQUENCES):
        return list(value)
    raise EvaluationError(f"Not an iterable object: {type_name(value)}", line=node.line)


def size_of(body: Body) -> int:
    """How many statements a body holds, at any depth but without what inner loops repeat."""
    return sum(1 + sum(size_of(inner) for inner in _inner(statement)) for statement in body)


def _inner(statement: Statement) -> list[Body]:
    if isinstance(statement, If):
        return [body for _, body in statement.branches] + [statement.otherwise]
    return [statement.body] if isinstance(statement, FilterBlock | Block) else []


def _set(node: Set) -> Write:
    value = compile_node(node.value)

    def write(frame: Frame, out: list[str]) -> None:
        frame.assign(node.name, value(frame))

    return write


def _filter_block(node: FilterBlock) -> Write:
    body, apply = compile_body(node.body), compile_filters(node.filters)

    def write(frame: Frame, out: list[str]) -> None:
        out.append(frame.run.made_text(printed(apply(frame, written(frame, body)), frame.run)))

    return write


def _block(node: Block) -> Write:
    body = compile_body(node.body)

    def write(frame: Frame, out: list[str]) -> None:
        frame.blocks.setdefault(node.name, body)
        body(frame, out)

    return write


def _macro(node: Macro) -> Write:
    call = _macro_call(node)

    def write(frame: Frame, out: list[str]) -> None:
        frame.macros.setdefault(node.name, call)

    return write


MacroCall = Callable[[Frame, list[Any], dict[str, Any]], Any]


def _macro_call(node: Macro) -> MacroCall:
    """A macro sees its own arguments only."""
    parameters = [(name, None if default is None else compile_node(default)) for name, default in node.parameters]
    body, weight = compile_body(node.body), 1 + size_of(node.body)

    def run(frame: Frame, positional: list[Any], named: dict[str, Any]) -> Any:
        frame.run.step(weight)
        frame.run.enter(MACRO_LEVELS)
        inner = frame.inside(_bound(node.name, parameters, positional, named, frame))
        text = written(inner, body)
        frame.run.leave(MACRO_LEVELS)
        return text

    return run


def _bound(
    macro: str,
    parameters: list[tuple[str, Evaluate | None]],
    positional: list[Any],
    named: dict[str, Any],
    frame: Frame,
) -> dict[str, Any]:
    names = [name for name, _ in parameters]
    if len(positional) > len(names) or not set(named) <= set(names):
        raise ArgumentError(f"The macro `{macro}` takes {', '.join(names) or 'no arguments'}")
    given = {**dict(zip(names, positional, strict=False)), **named}
    for name, default in parameters:
        if name not in given:
            given[name] = frame.context() if name == "_context" else default(frame) if default else None
    return given


_COMPILERS: dict[type, Callable[[Any], Write]] = {
    Text: _text,
    Print: _print,
    If: _if,
    For: _for,
    Set: _set,
    FilterBlock: _filter_block,
    Block: _block,
    Macro: _macro,
}
