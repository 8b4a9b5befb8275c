"""Step into values: keys of maps, positions of lists, and a few questions that may be asked of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flows.expressions.errors import ArgumentError
from flows.expressions.frame import MISSING
from flows.expressions.taint import TaintedText, taint

SEQUENCES = (list, tuple)


def attribute(value: Any, name: str) -> Any:
    """`value.name`, or MISSING; never an attribute of the Python object."""
    if type(value) is dict or isinstance(value, Mapping):
        found = value.get(name, MISSING)
        return item(value, int(name)) if found is MISSING and name.isdecimal() and len(name) < 10 else found
    if isinstance(value, SEQUENCES) and name.isdecimal() and len(name) < 10:
        return item(value, int(name))
    if name in ("length", "size") and isinstance(value, (*SEQUENCES, set, frozenset, str)):
        return len(value)
    return MISSING


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
    if not isinstance(key, str | int | float | None):
        return MISSING
    found = value.get(key, MISSING)
    if found is MISSING and isinstance(key, int) and not isinstance(key, bool):
        return value.get(str(int(key)), MISSING)
    return found


Method = Callable[..., Any]


def _entries(value: Mapping[Any, Any]) -> list[Any]:
    return [{"key": key, "value": each} for key, each in value.items()]


MAP_METHODS: dict[str, Method] = {
    "get": lambda value, key: None if (found := item(value, key)) is MISSING else found,
    "getOrDefault": lambda value, key, default: default if (found := item(value, key)) is MISSING else found,
    "containsKey": lambda value, key: item(value, key) is not MISSING,
    "keySet": lambda value: list(value.keys()),
    "values": lambda value: list(value.values()),
    "entrySet": _entries,
    "size": len,
    "isEmpty": lambda value: not value,
}
LIST_METHODS: dict[str, Method] = {
    "get": lambda value, index: None if (found := item(value, index)) is MISSING else found,
    "size": len,
    "isEmpty": lambda value: not value,
}
TEXT_METHODS: dict[str, Method] = {
    "length": len,
    "isEmpty": lambda value: not value,
    "toUpperCase": lambda value: value.upper(),
    "toLowerCase": lambda value: value.lower(),
    "trim": lambda value: value.strip(),
    "startsWith": lambda value, prefix: value.startswith(prefix),
    "endsWith": lambda value, suffix: value.endswith(suffix),
    "contains": lambda value, part: part in value,
}


def call_method(value: Any, name: str, arguments: list[Any]) -> Any:
    """`value.name(arguments)`, or MISSING when values of this kind have no such method."""
    method = _methods(value).get(name)
    if method is None:
        return MISSING
    try:
        result = method(value, *arguments)
    except TypeError:
        raise ArgumentError(f"The method `{name}` does not take these arguments") from None
    return taint(result) if isinstance(value, TaintedText) and isinstance(result, str) else result


def _methods(value: Any) -> dict[str, Method]:
    if isinstance(value, Mapping):
        return MAP_METHODS
    if isinstance(value, SEQUENCES):
        return LIST_METHODS
    return TEXT_METHODS if isinstance(value, str) else {}
