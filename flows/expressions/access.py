"""Step into values: keys of maps, positions of lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flows.expressions.entries import Entry
from flows.expressions.frame import MISSING

SEQUENCES = (list, tuple)


def attribute(value: Any, name: str) -> Any:
    """`value.name`, or MISSING; never an attribute of the Python object."""
    if isinstance(value, Entry):
        return value.part(name, MISSING)
    if type(value) is dict or isinstance(value, Mapping):
        found = value.get(name, MISSING)
        return item(value, int(name)) if found is MISSING and name.isdecimal() and len(name) < 10 else found
    if isinstance(value, SEQUENCES) and name.isdecimal() and len(name) < 10:
        return item(value, int(name))
    return MISSING


def absent(value: Any) -> str | None:
    """The name of what is not there, when the value stands for a branch that was looked for in vain; it says so."""
    name: str | None = getattr(value, "absent", None)
    return name


def item(value: Any, key: Any) -> Any:
    """`value[key]`, or MISSING; a number also finds the key that is spelt like it."""
    if isinstance(value, Mapping):
        return _of_map(value, key)
    if isinstance(value, SEQUENCES):
        if isinstance(key, str) and key.isdecimal() and len(key) < 10:
            key = int(key)
        if isinstance(key, int) and not isinstance(key, bool) and 0 <= key < len(value):
            return value[key]
    return MISSING


def _of_map(value: Mapping[Any, Any], key: Any) -> Any:
    if isinstance(value, Entry):
        return value.part(key, MISSING)
    if not isinstance(key, str | int | float | None):
        return MISSING
    found = value.get(key, MISSING)
    if found is MISSING and isinstance(key, int) and not isinstance(key, bool):
        return value.get(str(int(key)), MISSING)
    return found
