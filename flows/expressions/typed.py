"""Collect values that are written one after the other, keeping their type as long as they share one."""

from __future__ import annotations

from typing import Any

from flows.expressions.errors import ArgumentError
from flows.expressions.numbers import is_number, java_class


class Char(str):
    """A single character, which is not a text."""


class TypedWriter:
    """Numbers of one type add up, texts are joined; anything else can only be written alone."""

    def __init__(self) -> None:
        self.value: Any = None

    def write(self, value: Any) -> None:
        """Raises `ArgumentError` when the value cannot be added to what is there."""
        if self.value is None:
            self.value = value
        elif _class(value) != _class(self.value) or not isinstance(value, int | float | str) or isinstance(value, bool):
            raise ArgumentError(f"Tried to add {_class(value)} to {_class(self.value)}")
        else:
            self.value = type(self.value)(self.value + value)


def _class(value: Any) -> str:
    if isinstance(value, bool):
        return "java.lang.Boolean"
    if is_number(value):
        return java_class(value)
    if isinstance(value, Char):
        return "java.lang.Character"
    return (
        "java.lang.String"
        if isinstance(value, str)
        else "java.util.Map"
        if isinstance(value, dict)
        else "java.util.List"
    )
