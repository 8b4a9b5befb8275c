"""JSON as it was meant: no constant that is none, and no key twice in one object."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


class DuplicateKey(ValueError):
    """A key that is said twice means one thing to one reader and another to the next."""

    def __init__(self, key: str) -> None:
        self.key = key[:100]
        super().__init__(f"the key `{self.key}` stands twice in one object")


def loads(text: str | bytes, *, parse_int: Callable[[str], Any] | None = None) -> Any:
    """Raises ValueError, DuplicateKey among them, and RecursionError for what is nested too deep."""
    return json.loads(text, parse_constant=_no_constant, parse_int=parse_int, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise DuplicateKey(key)
            seen.add(key)
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
