"""Run jq programs on values: in steps that are charged, so that none can run away."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from flows.expressions.errors import ArgumentError, EvaluationError, ExpressionLimitError
from flows.expressions.frame import Frame
from flows.expressions.jq import evaluating, functions
from flows.expressions.jq.errors import Broken, JqError, JqSyntaxError
from flows.expressions.jq.grammar import parse
from flows.expressions.jq.plain import plain
from flows.expressions.jq.streams import Env, values
from flows.expressions.limits import Run
from flows.expressions.registry import discover
from flows.expressions.taint import plain_text

MAX_PROGRAM = 16_384


def results(frame: Frame, program: str, value: Any) -> list[Any]:
    """All results of the program on the value; raises `EvaluationError` for a program that is none."""
    program, run = plain_text(program), frame.run
    if len(program) > MAX_PROGRAM:
        raise ArgumentError(f"A jq program has at most {MAX_PROGRAM} characters")
    run.measure(value)
    _load()
    try:
        node = parse(program)
        env = Env(run, "clock", frame.env.clock, None)
        return [*_bounded(run, values(node, env, plain(value, run)))]
    except JqSyntaxError as error:
        raise EvaluationError(f"The jq program cannot be used: {error}") from None
    except JqError as error:
        raise EvaluationError(f"The jq program cannot be used: {_told(error.value)}") from None
    except Broken:
        raise EvaluationError("The jq program cannot be used: break") from None
    except RecursionError:
        raise ExpressionLimitError("The jq program nests too deep") from None


def _bounded(run: Run, found: Iterator[Any]) -> Iterator[Any]:
    """Results, each charged as it comes."""
    total = 0
    for each in found:
        total += 1 + run.measure(each)
        run.one_more_item(total)
        yield each


def _told(value: Any) -> str:
    text = value if isinstance(value, str) else f"{json.dumps(value, default=str)} (not a string)"
    return text[:300]


@cache
def _load() -> None:
    discover(evaluating)
    discover(functions)
