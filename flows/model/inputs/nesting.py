"""Ids with dots as nested maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def nested(flat: Mapping[str, Any], *, strict: bool = False) -> dict[str, Any]:
    """`{"a.b": 1, "a.c": 2}` as `{"a": {"b": 1, "c": 2}}`.

    Where a value stands in the way of a map, the map wins; when `strict`, a ValueError names the key.
    """
    tree: dict[str, Any] = {}
    for name, value in flat.items():
        *branches, last = name.split(".")
        current = tree
        for branch in branches:
            below = current.get(branch)
            if not isinstance(below, dict):
                if strict and branch in current:
                    raise ValueError(f"`{name}` lies below a key that is already a value")
                below = current[branch] = {}
            current = below
        current[last] = value
    return tree
