"""Compare resolved values with what a case expects: typed values, subsets of maps, kept files and secrets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from control_plane.kernel.words.durations import parse_duration
from control_plane.kernel.words.moments import parse_date, parse_moment, parse_time
from flows.model.inputs.convert import single_precision
from flows.model.inputs.ports import Upload

STORED: dict[str, bytes] = {}


def keep_file(name: str, upload: Upload) -> str:
    """Keep an upload of the case being run, under the address the product would give it."""
    address = f"kestra:///io/kestra/tests/inputs/executions/test/inputs/{name}/{upload.name}"
    STORED[address] = upload.content
    return address


def close_secret(text: str) -> Any:
    return {"$encrypted": text}


def fits(answer: Any, expected: Any) -> bool:
    """Maps are subsets, an absent key is null; keys that begin with `$` are matchers or types."""
    if isinstance(expected, Mapping):
        return all(_entry_fits(answer, key, value) for key, value in expected.items())
    if isinstance(expected, list):
        return isinstance(answer, list) and len(answer) == len(expected) and all(map(fits, answer, expected))
    if isinstance(expected, bool) or isinstance(answer, bool):
        return answer is expected
    return bool(answer == expected)


def _entry_fits(answer: Any, key: str, expected: Any) -> bool:
    if key in CHECKS:
        return CHECKS[key](answer, expected)
    return isinstance(answer, Mapping) and fits(answer.get(key), expected)


def _content(answer: Any) -> str:
    return STORED.get(str(answer), b"").decode()


def _any_order(answer: Any, expected: list[Any]) -> bool:
    left = list(answer)
    for wanted in expected:
        found = next((index for index, each in enumerate(left) if fits(each, wanted)), None)
        if found is None:
            return False
        left.pop(found)
    return not left


def _same(read: Callable[[str], Any]) -> Callable[[Any, Any], bool]:
    return lambda answer, expected: bool(read(str(answer)) == read(str(expected)))


CHECKS: dict[str, Callable[[Any, Any], bool]] = {
    "$contains": lambda answer, part: part in answer,
    "$startswith": lambda answer, part: str(answer).startswith(part),
    "$endswith": lambda answer, part: str(answer).endswith(part),
    "$regex": lambda answer, pattern: re.search(pattern, str(answer)) is not None,
    "$exists": lambda answer, wanted: (answer is not None) is wanted,
    "$null": lambda answer, wanted: (answer is None) is wanted,
    "$not": lambda answer, other: not fits(answer, other),
    "$gt": lambda answer, least: answer > least,
    "$gte": lambda answer, least: answer >= least,
    "$in": lambda answer, options: any(fits(answer, option) for option in options),
    "$between": lambda answer, bounds: bounds[0] <= answer <= bounds[1],
    "$size": lambda answer, size: len(answer) == size,
    "$any_order": _any_order,
    "$set": _any_order,
    "$array": fits,
    "$storage_content": lambda answer, text: text.startswith("$file:") or _content(answer) == text,
    "$storage_content_equals": lambda answer, text: text.startswith("$file:") or _content(answer) == text,
    "$decrypts_to": lambda answer, text: answer == close_secret(text),
    "$encrypted": lambda answer, text: answer == close_secret(text),
    "$instant": _same(parse_moment),
    "$zoneddatetime": _same(parse_moment),
    "$date": _same(parse_date),
    "$localdatetime": _same(parse_moment),
    "$time": _same(parse_time),
    "$duration": _same(parse_duration),
    "$duration_seconds": lambda answer, seconds: parse_duration(answer).total_seconds() == seconds,
    "$float32": lambda answer, number: single_precision(float(answer)) == single_precision(float(number)),
    "$double": lambda answer, number: float(answer) == float(number),
    "$long": lambda answer, number: answer == int(number),
    "$uri": lambda answer, text: answer == text,
}
