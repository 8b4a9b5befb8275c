"""Labels as corpora write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def label_map(given: Any) -> dict[str, str]:
    """Labels as a map, also when they are a list of keys and values, or of `key:value`."""
    if isinstance(given, Mapping):
        return {key: str(value) for key, value in given.items()}
    found: dict[str, str] = {}
    for each in given or ():
        key, value = each.split(":", 1) if isinstance(each, str) else (each["key"], each["value"])
        if key and value:
            found[key] = str(value)
    return found
