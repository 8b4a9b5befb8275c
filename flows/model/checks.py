"""Whether the expressions in a text can be read at all."""

from __future__ import annotations

import re
from functools import lru_cache

from flows.expressions import ExpressionSyntaxError
from flows.expressions.statements import parse

_DIGITS = re.compile(r"\d+")
_LONGEST_KEY = 1_000


def syntax_problem(text: str) -> str | None:
    """What is wrong with the syntax of its expressions, or None. Names are looked up only when it is rendered.

    Flows that are generated hold many texts that differ by a number; the syntax of all of them is looked at once.
    """
    if len(text) <= _LONGEST_KEY and _is_readable(_DIGITS.sub("0", text)):
        return None
    return _problem(text)


@lru_cache(maxsize=4096)
def _is_readable(text: str) -> bool:
    return _problem(text) is None


def _problem(text: str) -> str | None:
    try:
        parse(text)
    except ExpressionSyntaxError as error:
        return f"The expression cannot be read: {error.message}"
    return None
