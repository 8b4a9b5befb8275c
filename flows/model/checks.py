"""Whether the expressions in a text can be read at all."""

from __future__ import annotations


def syntax_problem(text: str) -> str | None:
    """What is wrong with the syntax of its expressions, or None. Names are looked up only when it is rendered."""
    return None
