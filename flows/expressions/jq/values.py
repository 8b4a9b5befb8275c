"""What jq knows about its values: their kinds, their order, their text, and what arithmetic makes of them."""

from __future__ import annotations

import math
from functools import cmp_to_key
from typing import Any

from flows.expressions.jq.errors import JqError
from flows.expressions.limits import Run
from flows.expressions.numbers import number_text
from flows.expressions.text import json_text

LONGEST_WHOLE = 2**63
LARGEST = 1.7976931348623157e308
ORDER = {"null": 0, "false": 1, "true": 2, "number": 3, "string": 4, "array": 5, "object": 6}


def kind_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def holds(value: Any) -> bool:
    return value is not None and value is not False


def shown(value: Any, run: Run) -> str:
    """A value inside the sentence of an error."""
    text = json_text(value, run, nulls=True)
    return f"{kind_of(value)} ({text if len(text) <= 11 else text[:10] + '...'})"


def _rank(value: Any) -> int:
    kind = kind_of(value)
    return ORDER[("true" if value else "false") if kind == "boolean" else kind]


def compare(run: Run, one: Any, other: Any) -> int:
    """Negative, zero or positive: null, false, true, numbers, texts, lists, maps; numbers as doubles."""
    left, right = _rank(one), _rank(other)
    if left != right or left < ORDER["number"]:
        return left - right
    if left == ORDER["number"]:
        first, second = _double(one), _double(other)
        return -1 if first < second or first != first else int(first > second)
    if left == ORDER["string"]:
        return int(one > other) - int(one < other)
    return _compare_lists(run, one, other) if left == ORDER["array"] else _compare_maps(run, one, other)


def _compare_lists(run: Run, one: list[Any], other: list[Any]) -> int:
    run.step()
    for left, right in zip(one, other, strict=False):
        order = compare(run, left, right)
        if order:
            return order
    return len(one) - len(other)


def _compare_maps(run: Run, one: dict[str, Any], other: dict[str, Any]) -> int:
    """By their sorted keys first, then value by value."""
    keys, others = sorted(one), sorted(other)
    order = _compare_lists(run, keys, others)
    if order:
        return order
    return next((found for key in keys if (found := compare(run, one[key], other[key]))), 0)


def equal(run: Run, one: Any, other: Any) -> bool:
    return compare(run, one, other) == 0


def ordered(run: Run, items: list[Any], keys: list[Any] | None = None) -> list[int]:
    """The places of the items in ascending order of their keys; equal ones stay as they are."""
    by = items if keys is None else keys
    run.step(len(by))
    simple = [_simple_key(each) for each in by]
    if None not in simple:
        return sorted(range(len(items)), key=simple.__getitem__)

    def order(one: int, other: int) -> int:
        return compare(run, by[one], by[other])

    return sorted(range(len(items)), key=cmp_to_key(order))


def _simple_key(value: Any) -> Any:
    """Something that Python orders as `compare` does, for scalars and lists of one; None for what has no such thing."""
    if isinstance(value, list):
        return _simple_key(value[0]) if len(value) == 1 and not isinstance(value[0], list) else None
    if isinstance(value, dict) or value != value:
        return None
    if isinstance(value, str):
        return (ORDER["string"], value)
    return (_rank(value), _double(value) if kind_of(value) == "number" else 0)


def _double(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.copysign(math.inf, number)


def settled(number: float) -> int | float:
    """What arithmetic gives: a whole number of 64 bits where it is one."""
    if math.isfinite(number) and number == int(number) and abs(number) < LONGEST_WHOLE:
        return int(number)
    return number


def text_of_number(value: int | float) -> str:
    """`3` for 3.0, `1.0e-5`, `1.5e+300`."""
    if isinstance(value, int):
        return int.__repr__(value)
    value = float(value)
    if math.isfinite(value) and value == int(value) and abs(value) < LONGEST_WHOLE:
        return str(int(value))
    text = number_text(value)
    mantissa, found, exponent = text.partition("E")
    return f"{mantissa}e{'' if exponent.startswith('-') else '+'}{exponent}" if found else text


def text_of(run: Run, value: Any) -> str:
    """A text as it is, anything else as JSON, numbers short."""
    return value if isinstance(value, str) else json_of(run, value)


def json_of(run: Run, value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "null" if value != value else text_of_number(_bounded(value))
    return json_text(_short(value) if isinstance(value, list | dict) else value, run, nulls=True)


def _bounded(value: int | float) -> int | float:
    return value if abs(value) <= LARGEST else math.copysign(LARGEST, value)


def _short(value: Any) -> Any:
    """The same with whole doubles as whole numbers."""
    if isinstance(value, list):
        return [_short(each) for each in value]
    if isinstance(value, dict):
        return {key: _short(each) for key, each in value.items()}
    return settled(value) if isinstance(value, float) else value


def calculate(run: Run, sign: str, left: Any, right: Any) -> Any:
    """Raises `JqError` for values that the operator does not join."""
    kinds = (kind_of(left), kind_of(right))
    if kinds == ("number", "number"):
        return _numbers(sign, left, right)
    special = _SPECIAL.get(sign)
    found = special(run, left, right, kinds) if special is not None else NotImplemented
    if found is NotImplemented:
        verbs = {"+": "added", "-": "subtracted", "*": "multiplied", "/": "divided", "%": "divided (remainder)"}
        raise JqError(f"{shown(left, run)} and {shown(right, run)} cannot be {verbs[sign]}")
    return found


def _numbers(sign: str, left: int | float, right: int | float) -> int | float:
    if sign in "/%" and (right == 0 or (sign == "%" and int(_finite(right)) == 0)):
        raise JqError(
            f"{text_of_number(left)} and {text_of_number(right)} cannot be divided because the divisor is zero"
        )
    if sign == "%":
        one, other = int(_finite(left)), abs(int(_finite(right)))
        return abs(one) % other * (-1 if one < 0 else 1)
    if _are_whole(left, right) and sign != "/":
        return {"+": left + right, "-": left - right, "*": left * right}[sign]
    one_half, other_half = _double(left), _double(right)
    if sign == "/":
        return settled(one_half / other_half)
    found = {"+": one_half + other_half, "-": one_half - other_half, "*": one_half * other_half}[sign]
    return settled(found)


def _are_whole(left: int | float, right: int | float) -> bool:
    return all(isinstance(each, int) and abs(each) < LONGEST_WHOLE for each in (left, right))


def _finite(number: int | float) -> float | int:
    return number if isinstance(number, int) else max(min(number, 9.2e18), -9.2e18) if number == number else 0


def negated(run: Run, value: Any) -> Any:
    if kind_of(value) != "number":
        raise JqError(f"{shown(value, run)} cannot be negated")
    return -value if isinstance(value, int) and abs(value) < LONGEST_WHOLE else settled(-_double(value))


def _add(run: Run, left: Any, right: Any, kinds: tuple[str, str]) -> Any:
    if left is None:
        return right
    if right is None:
        return left
    if kinds == ("string", "string"):
        run.room_for(len(left) + len(right))
        return run.made_text(left + right)
    if kinds == ("array", "array"):
        run.room_for_items(len(left) + len(right))
        return [*left, *right]
    return {**left, **right} if kinds == ("object", "object") else NotImplemented


def _subtract(run: Run, left: Any, right: Any, kinds: tuple[str, str]) -> Any:
    if kinds != ("array", "array"):
        return NotImplemented
    return [each for each in left if not any(equal(run, each, gone) for gone in right)]


def _multiply(run: Run, left: Any, right: Any, kinds: tuple[str, str]) -> Any:
    if kinds == ("number", "string"):
        left, right, kinds = right, left, ("string", "number")
    if kinds == ("string", "number"):
        if right <= 0 or right != right:
            return None
        count = max(1, math.ceil(min(right, 1e9)) if right > 1 else 1)
        run.room_for(len(left) * count)
        return run.made_text(left * count)
    return merged(run, left, right) if kinds == ("object", "object") else NotImplemented


def merged(run: Run, left: dict[str, Any], right: dict[str, Any]) -> dict[str, Any]:
    """Maps joined however deep; what is no map on both sides is that of the right."""
    run.step(1 + len(right))
    found = dict(left)
    for key, value in right.items():
        own = found.get(key)
        found[key] = merged(run, own, value) if isinstance(own, dict) and isinstance(value, dict) else value
    return found


def _divide(run: Run, left: Any, right: Any, kinds: tuple[str, str]) -> Any:
    if kinds != ("string", "string"):
        return NotImplemented
    return split(run, left, right)


def split(run: Run, text: str, separator: str) -> list[str]:
    run.room_for_items(len(text) if not separator else text.count(separator) + 1)
    if not text:
        return []
    return list(text) if not separator else text.split(separator)


_SPECIAL = {"+": _add, "-": _subtract, "*": _multiply, "/": _divide}
