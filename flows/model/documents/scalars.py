"""How values are written when nobody said otherwise, and the value that nobody wrote."""

from __future__ import annotations

from typing import Any


class Empty(str):
    """What stands where a value was left out: the empty text where no type is known, nothing where one is."""

    __slots__ = ()


EMPTY = Empty()


def is_given(value: Any) -> bool:
    """Whether somebody wrote a value, if only an empty text."""
    return value is not None and type(value) is not Empty


def canonical(value: Any) -> str:
    """How a resolved value is written when nobody said otherwise, as JSON writes it."""
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    return str(value)
