"""Check the arguments of filters and functions, with one wording for what is wrong."""

from __future__ import annotations

from typing import Any

from flows.expressions.errors import ArgumentError
from flows.expressions.numbers import is_number


def text_argument(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ArgumentError(f"The argument `{name}` must be a text")
    return value


def optional_text(name: str, value: Any) -> str | None:
    return None if value is None else text_argument(name, value)


def whole_number(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ArgumentError(f"The argument `{name}` must be a whole number")
    return value


def whole_part(name: str, value: Any) -> int:
    """A number without its fraction."""
    if not is_number(value):
        raise ArgumentError(f"The argument `{name}` must be a number")
    return int(value)


def yes_or_no(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ArgumentError(f"The argument `{name}` must be true or false")
    return value
