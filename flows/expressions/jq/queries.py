"""Run jq programs: plain paths here, everything that could run away in a child process that can be stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from flows.expressions.errors import ArgumentError, EvaluationError, ExpressionLimitError
from flows.expressions.jq.child import POOL, Budget, ChildFailed, ChildStopped
from flows.expressions.jq.paths import follow, parse_path
from flows.expressions.jq.plain import plain
from flows.expressions.limits import Run
from flows.expressions.numbers import Float32, number_text
from flows.expressions.taint import plain_text
from flows.expressions.text import json_text

MAX_PROGRAM = 16_384
EXACT_IN_FLOATS = 2**53


def results(run: Run, program: str, value: Any) -> list[Any]:
    """All results of the program on the value; raises `EvaluationError` for a program that is none."""
    program = plain_text(program)
    if len(program) > MAX_PROGRAM:
        raise ArgumentError(f"A jq program has at most {MAX_PROGRAM} characters")
    run.measure(value)
    steps = parse_path(program)
    if steps is not None:
        return follow(run, steps, plain(value, run))
    answers = json.loads(_in_child(run, program, plain_text(json_text(value, run))))
    run.measure(answers)
    exact = _exact_numbers(value)
    return [_restored(each, exact) for each in answers] if exact else [*answers]


def _in_child(run: Run, program: str, source: str) -> str:
    budget = Budget(run.seconds_left(), run.patience(), run.limits.output_bytes)
    try:
        answer = POOL.run(program, source, budget)
        run.had_done(answer.processor, answer.waited)
        return answer.text
    except ChildStopped as error:
        raise ExpressionLimitError(f"The jq program {error}") from None
    except ChildFailed as error:
        lines = str(error).strip().splitlines() or ["it failed"]
        raise EvaluationError(f"The jq program cannot be used: {lines[0][:300]}") from None


def _exact_numbers(value: Any) -> dict[float, int | Float32 | Decimal | None]:
    """The numbers that jq, which computes with doubles, would hand back changed, by the double that they become.

    None stands for a double that several of them become.
    """
    found: dict[float, int | Float32 | Decimal | None] = {}
    for number in _inexact(value):
        double = float(number_text(number))
        found[double] = number if found.get(double, number) == number else None
    return found


def _inexact(value: Any) -> Iterator[int | Float32 | Decimal]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _inexact(each)
    elif isinstance(value, Float32 | Decimal) or (isinstance(value, int) and abs(value) >= EXACT_IN_FLOATS):
        yield value


def _restored(value: Any, exact: Mapping[float, int | Float32 | Decimal | None]) -> Any:
    if isinstance(value, dict):
        return {key: _restored(each, exact) for key, each in value.items()}
    if isinstance(value, list):
        return [_restored(each, exact) for each in value]
    if isinstance(value, float | int) and not isinstance(value, bool) and abs(value) < 1e300:
        known = exact.get(float(value))
        return value if known is None else known
    return value
