"""The tests of `is` and `is not`; `defined` is part of the language itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flows.expressions.errors import EvaluationError
from flows.expressions.frame import Frame
from flows.expressions.operators import SEQUENCES, equal, is_empty
from flows.expressions.registry import test


@test("null")
def is_null(value: Any) -> bool:
    """Whether the value is null, or not defined at all. `{{ null is null }}` = `true`"""
    return value is None


@test("empty")
def is_nothing(value: Any) -> bool:
    """Null, a text without letters, an empty list or map. `{{ [] is empty }}` = `true`"""
    return is_empty(value)


@test("even")
def is_even(value: Any) -> bool:
    """A whole number that two divides. `{{ 2 is even }}` = `true`"""
    return _whole(value) % 2 == 0


@test("odd")
def is_odd(value: Any) -> bool:
    """A whole number that two does not divide. `{{ 3 is odd }}` = `true`"""
    return _whole(value) % 2 == 1


def _whole(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise EvaluationError("`even` and `odd` ask about whole numbers")


@test("iterable")
def is_iterable(value: Any) -> bool:
    """Whether a loop over its items makes sense; a map is not one. `{{ [1] is iterable }}` = `true`"""
    return isinstance(value, SEQUENCES)


@test("map")
def is_map(value: Any) -> bool:
    """Whether the value is a map. `{{ {'a': 1} is map }}` = `true`"""
    return isinstance(value, Mapping)


@test("json")
def is_json(value: Any) -> bool:
    """Whether a text begins with valid JSON, or is empty. `{{ '{"a": 1}' is json }}` = `true`"""
    if not isinstance(value, str):
        return False
    text = value.strip()
    try:
        return not text or json.JSONDecoder().raw_decode(text) is not None
    except (ValueError, RecursionError):
        return False


@test("equals")
def is_equal(frame: Frame, value: Any, other: Any) -> bool:
    """The same as `==`. `{{ 1 is equals(1) }}` = `true`"""
    return equal(frame.run, value, other)
