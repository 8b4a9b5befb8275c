"""Functions of jq that ask for the kind of a value, or turn it into another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flows.expressions.documents import json_reading
from flows.expressions.errors import EvaluationError
from flows.expressions.jq.errors import JqError
from flows.expressions.jq.natives import stream, value
from flows.expressions.jq.nodes import Node
from flows.expressions.jq.streams import Env, Item, Stream
from flows.expressions.jq.values import json_of, kind_of, settled, shown, text_of
from flows.expressions.limits import Run
from flows.expressions.number_reading import read_double


@value("type")
def type_(run: Run, given: Any) -> str:
    return kind_of(given)


KINDS: dict[str, Callable[[str], bool]] = {
    "values": lambda kind: kind != "null",
    "nulls": lambda kind: kind == "null",
    "booleans": lambda kind: kind == "boolean",
    "numbers": lambda kind: kind == "number",
    "strings": lambda kind: kind == "string",
    "arrays": lambda kind: kind == "array",
    "objects": lambda kind: kind == "object",
    "iterables": lambda kind: kind in ("array", "object"),
    "scalars": lambda kind: kind not in ("array", "object"),
}


def _only(fits: Callable[[str], bool]) -> Callable[[Env, tuple[Node, ...], Item], Stream]:
    def pick(env: Env, arguments: tuple[Node, ...], item: Item) -> Stream:
        if fits(kind_of(item[1])):
            yield item

    return pick


for _name, _fits in KINDS.items():
    stream(_name, 0)(_only(_fits))


@value("tostring")
def tostring(run: Run, given: Any) -> str:
    return text_of(run, given)


@value("tojson")
def tojson(run: Run, given: Any) -> str:
    return json_of(run, given)


@value("fromjson")
def fromjson(run: Run, given: Any) -> Any:
    if not isinstance(given, str):
        raise JqError(f"{shown(given, run)} cannot be parsed as JSON")
    try:
        return json_reading.read(run, given)
    except EvaluationError as error:
        raise JqError(str(error)) from None


@value("tonumber")
def tonumber(run: Run, given: Any) -> Any:
    if kind_of(given) == "number":
        return given
    if isinstance(given, str):
        text = given.strip()
        try:
            return int(text) if text.lstrip("+-").isdecimal() and len(text) < 19 else settled(read_double(text))
        except (EvaluationError, ValueError):
            pass
    raise JqError(f"{shown(given, run)} cannot be parsed as a number")


@value("toboolean")
def toboolean(run: Run, given: Any) -> Any:
    if isinstance(given, bool):
        return given
    if given in ("true", "false"):
        return given == "true"
    raise JqError(f"{shown(given, run)} cannot be parsed as a boolean")


@value("toarray")
def toarray(run: Run, given: Any) -> Any:
    return given if isinstance(given, list) else [given]
