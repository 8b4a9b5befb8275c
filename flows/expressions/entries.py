"""Entries of maps, as loops and `entrySet()` hand them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Entry(dict[Any, Any]):
    """One key with its value: prints as a map of that one, and has a `key` and a `value`."""

    __slots__ = ("key", "value")

    def __init__(self, key: Any, value: Any) -> None:
        super().__init__({key: value})
        self.key = key
        self.value = value

    def part(self, name: Any, default: Any) -> Any:
        """`key` or `value` by its name."""
        return self.key if name == "key" else self.value if name == "value" else default


def entries_of(value: Mapping[Any, Any]) -> list[Any]:
    return [Entry(key, each) for key, each in value.items()]
