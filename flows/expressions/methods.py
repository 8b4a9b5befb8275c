"""The methods that flows call on values: those of Java's texts, lists, maps, numbers and dates, by a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flows.expressions import regexes, utf16
from flows.expressions.dates.methods import DATE_METHODS, DURATION_METHODS, MOMENT_METHODS, TIME_METHODS
from flows.expressions.entries import Entry, entries_of
from flows.expressions.errors import ArgumentError
from flows.expressions.frame import MISSING
from flows.expressions.limits import Run
from flows.expressions.numbers import Float32, Long, Number, is_number
from flows.expressions.operators import equal
from flows.expressions.taint import TAINTED, plain_text, taint
from flows.expressions.text import text_of

Method = Callable[..., Any]
SEQUENCES = (list, tuple)
CASE_FOLDED = 2**32


def call_method(run: Run, value: Any, name: str, arguments: list[Any]) -> Any:
    """`value.name(arguments)`, or MISSING when values of this kind have no such method."""
    method = _of(value).get(name)
    if method is None:
        return MISSING
    try:
        result = method(run, value, *arguments)
    except (TypeError, ValueError, OverflowError, LookupError, AttributeError):
        raise ArgumentError(f"The method `{name}` does not take these arguments") from None
    spreads = any(isinstance(each, TAINTED) for each in (value, *arguments))
    return taint(result) if spreads and not isinstance(result, bool) else result


def property_of(run: Run, value: Any, name: str) -> Any:
    """`value.name` as the method of that name, or `getName`, or `isName`, called without arguments; or MISSING."""
    methods = _of(value)
    title = name[:1].upper() + name[1:]
    found = next((each for each in (name, f"get{title}", f"is{title}") if each in methods), None)
    if found is None or isinstance(value, Mapping):
        return MISSING
    return call_method(run, value, found, [])


def _of(value: Any) -> Mapping[str, Method]:
    if isinstance(value, str):
        return TEXT_METHODS
    if isinstance(value, Mapping):
        return ENTRY_METHODS if isinstance(value, Entry) else MAP_METHODS
    if isinstance(value, SEQUENCES):
        return LIST_METHODS
    if is_number(value):
        return NUMBER_METHODS
    return next((methods for kind, methods in _TIMES if isinstance(value, kind)), OBJECT_METHODS)


def _to_string(run: Run, value: Any) -> str:
    return text_of(value, run)


def _same(run: Run, value: Any, other: Any) -> bool:
    return equal(run, value, other)


OBJECT_METHODS: dict[str, Method] = {"toString": _to_string, "equals": _same}


def _item(value: Any, place: int) -> Any:
    return value[place] if value else None


def _place(run: Run, items: list[Any], wanted: Any) -> int:
    return next((index for index, each in enumerate(items) if equal(run, each, wanted)), -1)


def _part_of(run: Run, value: list[Any], start: int, end: int) -> list[Any]:
    if not 0 <= start <= end <= len(value):
        raise ValueError
    return value[start:end]


LIST_METHODS: dict[str, Method] = {
    **OBJECT_METHODS,
    "get": lambda run, value, index: value[index] if 0 <= index < len(value) else None,
    "size": lambda run, value: len(value),
    "length": lambda run, value: len(value),
    "isEmpty": lambda run, value: not value,
    "contains": lambda run, value, wanted: _place(run, value, wanted) >= 0,
    "indexOf": _place,
    "lastIndexOf": lambda run, value, wanted: max(
        (index for index, each in enumerate(value) if equal(run, each, wanted)), default=-1
    ),
    "getFirst": lambda run, value: _item(value, 0),
    "getLast": lambda run, value: _item(value, -1),
    "reversed": lambda run, value: [*reversed(value)],
    "subList": _part_of,
}


def _in_map(value: Mapping[Any, Any], key: Any, default: Any) -> Any:
    if key in value:
        return value[key]
    return value.get(str(key), default) if isinstance(key, int) else default


MAP_METHODS: dict[str, Method] = {
    **OBJECT_METHODS,
    "get": lambda run, value, key: _in_map(value, key, None),
    "getOrDefault": lambda run, value, key, default: _in_map(value, key, default),
    "containsKey": lambda run, value, key: _in_map(value, key, MISSING) is not MISSING,
    "containsValue": lambda run, value, wanted: any(equal(run, each, wanted) for each in value.values()),
    "keySet": lambda run, value: list(value.keys()),
    "values": lambda run, value: list(value.values()),
    "entrySet": lambda run, value: entries_of(value),
    "size": lambda run, value: len(value),
    "isEmpty": lambda run, value: not value,
}
ENTRY_METHODS: dict[str, Method] = {
    **OBJECT_METHODS,
    "getKey": lambda run, value: value.key,
    "getValue": lambda run, value: value.value,
}


def _narrow(value: Number, bits: int) -> int:
    """The whole part as a signed number of so many bits, as Java narrows a number."""
    whole, half = int(value), 1 << (bits - 1)
    return max(-half, min(whole, half - 1)) if isinstance(value, float) else (whole + half) % (2 * half) - half


NUMBER_METHODS: dict[str, Method] = {
    **OBJECT_METHODS,
    "intValue": lambda run, value: _narrow(value, 32),
    "longValue": lambda run, value: Long(_narrow(value, 64)),
    "doubleValue": lambda run, value: float(value),
    "floatValue": lambda run, value: Float32(float(value)),
    "toPlainString": lambda run, value: f"{value:f}",
    "scale": lambda run, value: -value.as_tuple().exponent,
}


def _substring(run: Run, value: str, start: int, end: int | None = None) -> str:
    size = utf16.length(value)
    end = size if end is None else end
    if not 0 <= start <= end <= size:
        raise ValueError
    return utf16.sliced(value, start, end)


def _hash(run: Run, value: str) -> int:
    """The 32-bit hash of Java's texts."""
    run.work_through(len(value))
    total = 0
    halves = value.encode("utf-16-le", "surrogatepass")
    for low, high in zip(halves[::2], halves[1::2], strict=True):
        total = (31 * total + low + 256 * high) % CASE_FOLDED
    return _narrow(total, 32)


def _order(run: Run, value: str, other: str) -> int:
    """How far apart the first places are that differ, else the lengths."""
    one, two = (text.encode("utf-16-be", "surrogatepass") for text in (value, other))
    for index in range(0, min(len(one), len(two)), 2):
        difference = int.from_bytes(one[index : index + 2]) - int.from_bytes(two[index : index + 2])
        if difference:
            return int(difference)
    return (len(one) - len(two)) // 2


def _matches(run: Run, value: str, pattern: str) -> bool:
    return regexes.charged(run, f"^(?:{plain_text(pattern)})$", value).fullmatch(plain_text(value)) is not None


def _repeat(run: Run, value: str, count: int) -> str:
    if count < 0:
        raise ValueError
    run.room_for(len(value) * count)
    return run.made_text(value * count)


def _replace(run: Run, value: str, old: str, new: str) -> str:
    run.room_for(len(value) + value.count(old) * max(len(new) - len(old), 0))
    return run.made_text(value.replace(old, new))


def _joined(run: Run, value: str, other: str) -> str:
    run.room_for(len(value) + len(other))
    return run.made_text(value + other)


TEXT_METHODS: dict[str, Method] = {
    **OBJECT_METHODS,
    "length": lambda run, value: utf16.length(value),
    "size": lambda run, value: utf16.length(value),
    "isEmpty": lambda run, value: not value,
    "isBlank": lambda run, value: not value.strip(),
    "toUpperCase": lambda run, value: run.made_text(value.upper()),
    "toLowerCase": lambda run, value: run.made_text(value.lower()),
    "trim": lambda run, value: value.strip(),
    "strip": lambda run, value: value.strip(),
    "stripLeading": lambda run, value: value.lstrip(),
    "stripTrailing": lambda run, value: value.rstrip(),
    "startsWith": lambda run, value, prefix: value.startswith(prefix),
    "endsWith": lambda run, value, suffix: value.endswith(suffix),
    "contains": lambda run, value, part: part in value,
    "equalsIgnoreCase": lambda run, value, other: isinstance(other, str) and value.upper() == other.upper(),
    "compareTo": _order,
    "hashCode": _hash,
    "indexOf": lambda run, value, part: _before(value, value.find(part)),
    "lastIndexOf": lambda run, value, part: _before(value, value.rfind(part)),
    "substring": _substring,
    "concat": _joined,
    "repeat": _repeat,
    "replace": _replace,
    "replaceAll": lambda run, value, pattern, new: regexes.replaced(run, pattern, new, value),
    "replaceFirst": lambda run, value, pattern, new: regexes.replaced(run, pattern, new, value, most=1),
    "matches": _matches,
    "split": lambda run, value, pattern, limit=0: regexes.split(run, pattern, value, limit),
    "charAt": lambda run, value, place: utf16.units(value)[place],
    "getBytes": lambda run, value: value.encode("utf-8", "replace"),
}


def _before(value: str, place: int) -> int:
    """A position counted as Java counts it; -1 for what was not found."""
    return place if place < 0 else utf16.length(value[:place])


_TIMES: tuple[tuple[type, dict[str, Method]], ...] = (
    (datetime, {**OBJECT_METHODS, **MOMENT_METHODS}),
    (date, {**OBJECT_METHODS, **DATE_METHODS}),
    (time, {**OBJECT_METHODS, **TIME_METHODS}),
    (timedelta, {**OBJECT_METHODS, **DURATION_METHODS}),
)
