"""Run jq programs: plain paths here, everything that could run away in a child process that can be stopped."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jq

from flows.expressions.errors import ArgumentError, EvaluationError, ExpressionLimitError
from flows.expressions.jq.child import POOL, ChildFailed, ChildStopped
from flows.expressions.limits import Run
from flows.expressions.numbers import Float32, number_text
from flows.expressions.taint import plain_text
from flows.expressions.text import json_text

MAX_PROGRAM = 16_384
SIMPLE = re.compile(
    r"""\s*\.(?:[A-Za-z_]\w*|"[^"\\]*"|\[\s*(?:-?\d{1,9}|"[^"\\]*")?\s*\])?\??"""
    r"""(?:\.?\[\s*(?:-?\d{1,9}|"[^"\\]*")?\s*\]\??|\.(?:[A-Za-z_]\w*|"[^"\\]*")\??)*\s*"""
)


def results(run: Run, program: str, value: Any) -> list[Any]:
    """All results of the program on the value; raises `ArgumentError` for a program that is none."""
    program = plain_text(program)
    if len(program) > MAX_PROGRAM:
        raise ArgumentError(f"A jq program has at most {MAX_PROGRAM} characters")
    source = plain_text(json_text(value, run))
    found = _here(program, source) if _is_path(program) else _in_child(run, program, source)
    run.room_for(len(found))
    answers: list[Any] = json.loads(found)
    run.measure(answers)
    narrow = _floats32(value)
    return [_narrowed(each, narrow) for each in answers] if narrow else answers


def _is_path(program: str) -> bool:
    """Whether the program only steps into the value: its cost is then that of reading the value."""
    return all(SIMPLE.fullmatch(stage) for stage in program.split("|"))


@lru_cache(maxsize=256)
def _program(program: str) -> Any:
    return jq.compile(program)


def _here(program: str, source: str) -> str:
    try:
        return (
            "[" + ",".join(json.dumps(each, ensure_ascii=False) for each in _program(program).input_text(source)) + "]"
        )
    except ValueError as error:
        raise _refused(str(error)) from None


def _in_child(run: Run, program: str, source: str) -> str:
    try:
        return POOL.run(program, source, seconds=run.seconds_left(), output=run.limits.output_bytes)
    except ChildStopped as error:
        raise ExpressionLimitError(f"The jq program {error}") from None
    except ChildFailed as error:
        raise _refused(str(error)) from None


def _refused(reason: str) -> EvaluationError:
    first = reason.strip().splitlines()[0] if reason.strip() else "it failed"
    return EvaluationError(f"The jq program cannot be used: {first[:300]}")


def _floats32(value: Any) -> dict[float, Float32]:
    """The 32-bit floats of a value by how they are spelt, which is how they come back."""
    if isinstance(value, Float32):
        return {float(number_text(value)): value}
    if isinstance(value, Mapping):
        value = value.values()
    elif not isinstance(value, list | tuple | set | frozenset):
        return {}
    return {key: each for part in value for key, each in _floats32(part).items()}


def _narrowed(value: Any, narrow: dict[float, Float32]) -> Any:
    if isinstance(value, dict):
        return {key: _narrowed(each, narrow) for key, each in value.items()}
    if isinstance(value, list):
        return [_narrowed(each, narrow) for each in value]
    return narrow.get(value, value) if type(value) is float else value
