"""Compare an answer with what a corpus expects, matchers included."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any


def matches(answer: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        if len(expected) == 1 and (name := next(iter(expected))) in MATCHERS:
            return MATCHERS[name](answer, expected[name])
        return (
            isinstance(answer, dict)
            and answer.keys() == expected.keys()
            and all(matches(answer[key], expected[key]) for key in expected)
        )
    if isinstance(expected, list):
        return isinstance(answer, list) and len(answer) == len(expected) and all(map(matches, answer, expected))
    return type_of(answer) == type_of(expected) and answer == expected


def type_of(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value)
    return "text" if isinstance(value, str) else "number" if isinstance(value, int | float) else type(value).__name__


def _any_order(answer: Any, expected: list[Any]) -> bool:
    left = list(answer)
    for wanted in expected:
        found = next((index for index, each in enumerate(left) if matches(each, wanted)), None)
        if found is None:
            return False
        left.pop(found)
    return not left


MATCHERS: dict[str, Callable[[Any, Any], bool]] = {
    "$any_order": _any_order,
    "$contains": lambda answer, part: part in answer,
    "$startswith": lambda answer, part: answer.startswith(part),
    "$endswith": lambda answer, part: answer.endswith(part),
    "$regex": lambda answer, pattern: re.search(pattern, answer) is not None,
    "$null": lambda answer, wanted: (answer is None) is wanted,
    "$exists": lambda answer, wanted: (answer is not None) is wanted,
    "$not": lambda answer, other: not matches(answer, other),
    "$in": lambda answer, options: any(matches(answer, option) for option in options),
    "$gt": lambda answer, least: answer > least,
    "$gte": lambda answer, least: answer >= least,
    "$between": lambda answer, bounds: bounds[0] <= answer <= bounds[1],
    "$size": lambda answer, size: len(answer) == size,
}
