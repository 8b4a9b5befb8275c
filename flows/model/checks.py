"""Whether the expressions in a text can be read at all."""

from __future__ import annotations

from flows.expressions import ExpressionSyntaxError
from flows.expressions import compile as compile_expression


def syntax_problem(text: str) -> str | None:
    """What is wrong with the syntax of its expressions, or None. Names are looked up only when it is rendered."""
    try:
        compile_expression(text)
    except ExpressionSyntaxError as error:
        return f"The expression cannot be read: {error.message}"
    return None
