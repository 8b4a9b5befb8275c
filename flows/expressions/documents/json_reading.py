"""Read JSON within bounds."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from flows.expressions.errors import EvaluationError, ExpressionLimitError
from flows.expressions.limits import Run
from flows.expressions.taint import plain_text

STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{\]}]', re.DOTALL)


def read(run: Run, text: str) -> Any:
    """The value of a JSON text; raises `EvaluationError` with the place of the mistake."""
    plain = plain_text(text)
    run.room_for(len(plain))
    _check_depth(run, plain)
    try:
        value = json.loads(plain, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise EvaluationError(f"Invalid JSON: {error.msg} at line {error.lineno}, column {error.colno}") from None
    except _NotANumber as error:
        raise EvaluationError(f"Invalid JSON: {error} is not a JSON number") from None
    except ValueError:
        raise EvaluationError("Invalid JSON: a number has too many digits") from None
    run.measure(value)
    return value


class _NotANumber(ValueError):
    """A word that Python takes for a number."""


def _no_constant(name: str) -> NoReturn:
    raise _NotANumber(name)


def _check_depth(run: Run, text: str) -> None:
    if text.count("[") + text.count("{") <= run.limits.depth:
        return
    depth = 0
    for match in STRUCTURE.finditer(text):
        sign = match.group()
        if sign in "[{":
            depth += 1
            if depth > run.limits.depth:
                raise ExpressionLimitError(f"The JSON nests deeper than {run.limits.depth} levels")
        elif sign in "]}":
            depth -= 1
