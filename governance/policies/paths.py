"""Properties of a document by their path: `labels.team`, `tasks[0].retry.interval`."""

from __future__ import annotations

import re
from typing import Any

_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,6})\]")
_PATH = re.compile(r"[^.\[\]]+(\.[^.\[\]]+|\[\d{1,6}\])*")
MISSING = object()


def is_path(text: str) -> bool:
    return len(text) <= 500 and _PATH.fullmatch(text) is not None


def steps(path: str) -> list[str | int]:
    return [name or int(number) for name, number in _STEP.findall(path)]


def read(document: Any, path: str) -> Any:
    """What stands there, or MISSING. A list of keys and values (as labels may be written) is read as a map."""
    found = document
    for step in steps(path):
        found = _child(found, step)
        if found is MISSING:
            return MISSING
    return found


def write(document: Any, path: str, value: Any) -> bool:
    """Put it there, making the maps on the way; False where something else stands in the way."""
    *way, last = steps(path)
    at = document
    for step in way:
        below = _child(at, step)
        if below is MISSING:
            below = {}
            if not _put(at, step, below):
                return False
        at = below
    return _put(at, last, value)


def remove(document: Any, path: str) -> bool:
    """Whether it was there."""
    *way, last = steps(path)
    at = document
    for step in way:
        at = _child(at, step)
        if at is MISSING:
            return False
    if isinstance(at, dict) and last in at:
        del at[last]
        return True
    if isinstance(at, list) and isinstance(last, str):
        kept = [each for each in at if not _is_of(each, last)]
        found = len(kept) < len(at)
        at[:] = kept
        return found
    return False


def _child(at: Any, step: str | int) -> Any:
    if isinstance(at, dict):
        return at.get(step, MISSING)
    if isinstance(at, list) and isinstance(step, int):
        return at[step] if step < len(at) else MISSING
    if isinstance(at, list):
        return next((each.get("value") for each in at if _is_of(each, step)), MISSING)
    return MISSING


def _put(at: Any, step: str | int, value: Any) -> bool:
    if isinstance(at, dict):
        at[step] = value
    elif isinstance(step, int):
        if not isinstance(at, list) or step >= len(at):
            return False
        at[step] = value
    elif isinstance(at, list) and all(isinstance(each, dict) for each in at):
        at[:] = [*(each for each in at if not _is_of(each, step)), {"key": step, "value": value}]
    else:
        return False
    return True


def _is_of(each: Any, key: str | int) -> bool:
    return isinstance(each, dict) and each.get("key") == key
