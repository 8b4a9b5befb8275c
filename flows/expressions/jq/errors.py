"""How a jq program ends early: an error that it may catch, or the way out of a label."""

from __future__ import annotations

from typing import Any


class JqError(Exception):
    """An error of the program; what `catch` sees is its value."""

    def __init__(self, value: Any) -> None:
        super().__init__(value if isinstance(value, str) else "")
        self.value = value


class JqSyntaxError(Exception):
    """The text is no program."""


class Broken(Exception):
    """`break` on its way to the label that it names."""

    def __init__(self, label: object) -> None:
        super().__init__()
        self.label = label
