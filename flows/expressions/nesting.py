"""Turn dotted keys into nested maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.expressions.errors import ArgumentError


def nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """`{"a.b": 1}` as `{"a": {"b": 1}}`; raises `ArgumentError` when a key is a value and a branch at once."""
    result: dict[str, Any] = {}
    for key, value in flat.items():
        *branches, leaf = key.split(".")
        at = result
        for branch in branches:
            at = at.setdefault(branch, {})
            if not isinstance(at, dict):
                raise ArgumentError(f"Conflict at key `{key}`: it is already a value")
        if isinstance(at.get(leaf), dict) and not isinstance(value, dict):
            raise ArgumentError(f"Conflict at key `{key}`: it is already a branch")
        at[leaf] = value
    return result
