"""Take parts of jq values and put others in their place."""

from __future__ import annotations

import math
from typing import Any

from flows.expressions.jq.errors import JqError
from flows.expressions.jq.values import equal, kind_of
from flows.expressions.limits import Run

MAX_INDEX = 1_000_000


def at(run: Run, value: Any, key: Any) -> Any:
    """`value[key]`; raises `JqError` when the two do not go together."""
    if isinstance(key, str) and (value is None or isinstance(value, dict)):
        return None if value is None else value.get(key)
    if isinstance(key, int | float) and not isinstance(key, bool) and (value is None or isinstance(value, list)):
        if value is None or key != key or math.isinf(key):
            return None
        place = math.floor(key)
        return value[place] if -len(value) <= place < len(value) else None
    if isinstance(key, dict) and (value is None or isinstance(value, list | str)):
        return sliced(value, key.get("start"), key.get("end"))
    if isinstance(key, list) and isinstance(value, list):
        return indices(run, value, key)
    if isinstance(key, list) and value is None:
        return None
    if isinstance(key, str):
        raise JqError(f'Cannot index {kind_of(value)} with "{key}"')
    raise JqError(f"Cannot index {kind_of(value)} with {kind_of(key)}")


def indices(run: Run, value: list[Any], wanted: list[Any]) -> list[int] | None:
    """Where a list stands in another."""
    size = len(wanted)
    if not size:
        return None
    run.step(len(value))
    return [
        place
        for place in range(len(value) - size + 1)
        if all(equal(run, value[place + offset], each) for offset, each in enumerate(wanted))
    ]


def bounds(size: int, start: Any, end: Any) -> tuple[int, int]:
    for each in (start, end):
        if each is not None and (isinstance(each, bool) or not isinstance(each, int | float)):
            raise JqError("Start and end indices of an array slice must be numbers")
    first = 0 if start is None else math.floor(start)
    last = size if end is None else math.ceil(end)
    first = max(first + size, 0) if first < 0 else min(first, size)
    last = max(last + size, 0) if last < 0 else min(last, size)
    return first, max(first, last)


def sliced(value: Any, start: Any, end: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, list | str):
        raise JqError(f"Cannot index {kind_of(value)} with object")
    first, last = bounds(len(value), start, end)
    return value[first:last]


def parts(value: Any) -> list[tuple[Any, Any]]:
    """Every part of a list or map with the key that leads to it."""
    if isinstance(value, list):
        return list(enumerate(value))
    if isinstance(value, dict):
        return list(value.items())
    raise JqError(f"Cannot iterate over {kind_of(value)}")


def get(run: Run, value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        if value is None:
            return None
        value = at(run, value, key)
    return value


def put(run: Run, value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with another at the end of the path; what is missing on the way is made."""
    run.step()
    if not path:
        return new
    key, rest = path[0], path[1:]
    if isinstance(key, dict):
        return _put_slice(run, value, key, rest, new)
    inner = put(run, at(run, value, key), rest, new)
    if isinstance(key, str):
        return {**(value or {}), key: inner}
    return _put_item(run, value or [], math.floor(key), inner)


def _put_item(run: Run, value: list[Any], place: int, new: Any) -> list[Any]:
    if place < 0:
        place += len(value)
        if place < 0:
            raise JqError("Out of bounds negative array index")
    if place > MAX_INDEX:
        raise JqError("Array index too large")
    run.room_for_items(max(place + 1, len(value)))
    items = [*value, *[None] * (place + 1 - len(value))]
    items[place] = new
    return items


def _put_slice(run: Run, value: Any, key: dict[str, Any], rest: tuple[Any, ...], new: Any) -> list[Any]:
    items = [] if value is None else value
    if not isinstance(items, list):
        raise JqError(f"Cannot update slice of {kind_of(value)}")
    first, last = bounds(len(items), key.get("start"), key.get("end"))
    inner = put(run, items[first:last], rest, new)
    if not isinstance(inner, list):
        raise JqError("A slice of an array can only be assigned another array")
    return [*items[:first], *inner, *items[last:]]


def without(run: Run, value: Any, path: tuple[Any, ...]) -> Any:
    """The value without what the path leads to."""
    run.step()
    if not path or value is None:
        return None
    key, rest = path[0], path[1:]
    if rest:
        inner = at(run, value, key)
        return value if inner is None else put(run, value, (key,), without(run, inner, rest))
    if isinstance(value, dict) and isinstance(key, str):
        return {name: each for name, each in value.items() if name != key}
    if isinstance(value, list) and isinstance(key, dict):
        first, last = bounds(len(value), key.get("start"), key.get("end"))
        return [*value[:first], *value[last:]]
    if isinstance(value, list) and isinstance(key, int | float) and not isinstance(key, bool):
        place = math.floor(key) + (len(value) if key < 0 else 0)
        return [*value[:place], *value[place + 1 :]] if 0 <= place < len(value) else value
    raise JqError(f"Cannot delete field at {kind_of(value)} index")
