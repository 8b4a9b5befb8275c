"""jq programs that only step into a value, such as `.a["b"][0].c[]`: evaluated here, exact and without a child."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from flows.expressions.errors import EvaluationError
from flows.expressions.limits import Run

PIECE = re.compile(
    r"""\s*(?:
        (?P<pipe>\|)
        |\.?(?P<each>\[\s*\])
        |\.?\[\s*(?P<index>-?\d{1,9})\s*\]
        |\.?\[\s*(?P<key>"[^"\\]*")\s*\]
        |\.\s*(?P<quoted>"[^"\\]*")
        |\.(?P<name>[A-Za-z_]\w*)
        |(?P<self>\.)(?![\w"])
    )\s*(?P<optional>\?)?""",
    re.VERBOSE | re.ASCII,
)
Step = Callable[[Any], Iterator[Any]]


@lru_cache(maxsize=256)
def parse_path(program: str) -> tuple[Step, ...] | None:
    """The steps of a program, or None when it does more than step."""
    steps: list[Step] = []
    position, starts = 0, True
    while position < len(program.rstrip()):
        match = PIECE.match(program, position)
        if match is None or (not _may_start(match) if starts else match.group("self")):
            return None
        starts = match.group("pipe") is not None
        if not starts and match.group("self") is None:
            steps.append(_step(match))
        position = match.end()
    return None if starts else tuple(steps)


def _may_start(match: re.Match[str]) -> bool:
    """A stage begins with a dot, not with a bracket, which would build a list, and not with another pipe."""
    return match.group().lstrip().startswith(".")


def _step(match: re.Match[str]) -> Step:
    name = match.group("name") or json.loads(match.group("quoted") or match.group("key") or '""')
    if match.group("each"):
        step: Step = _each
    elif match.group("index"):
        step = _at(int(match.group("index")))
    else:
        step = _of(name)
    return _quietly(step) if match.group("optional") else step


def follow(run: Run, steps: tuple[Step, ...], value: Any) -> list[Any]:
    """Every value that the steps lead to; raises `EvaluationError` where a step makes no sense."""
    found = [value]
    for step in steps:
        found = [below for each in found for below in step(each)]
        run.room_for_items(len(found))
    return found


def _each(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list):
        yield from value
    else:
        raise _refused(f"Cannot iterate over {_kind(value)}")


def _at(index: int) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, list):
            yield value[index] if -len(value) <= index < len(value) else None
        elif value is None:
            yield None
        else:
            raise _refused(f"Cannot index {_kind(value)} with number")

    return step


def _of(name: str) -> Step:
    def step(value: Any) -> Iterator[Any]:
        if isinstance(value, Mapping):
            yield value.get(name)
        elif value is None:
            yield None
        else:
            raise _refused(f'Cannot index {_kind(value)} with "{name}"')

    return step


def _quietly(step: Step) -> Step:
    def quiet(value: Any) -> Iterator[Any]:
        try:
            yield from step(value)
        except EvaluationError:
            return

    return quiet


def _refused(reason: str) -> EvaluationError:
    return EvaluationError(f"The jq program cannot be used: {reason}")


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, Mapping):
        return "object"
    return "array" if isinstance(value, list) else "number"
