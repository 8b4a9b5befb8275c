"""Filters for lists and maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from flows.expressions import utf16
from flows.expressions.entries import entries_of
from flows.expressions.errors import ArgumentError, EvaluationError
from flows.expressions.filters.arguments import whole_number
from flows.expressions.frame import Frame
from flows.expressions.java_classes import class_of
from flows.expressions.operators import SEQUENCES, compare, is_empty, type_name
from flows.expressions.regexes import split as split_by_regex
from flows.expressions.registry import Taint, filter_
from flows.expressions.taint import join as join_texts
from flows.expressions.text import item_text, json_text, text_of
from flows.expressions.typed import Char


def _listed(value: Any, name: str) -> list[Any]:
    """The items of a list, the entries of a map."""
    if isinstance(value, Mapping):
        return entries_of(value)
    if isinstance(value, SEQUENCES):
        return list(value)
    raise EvaluationError(f"`{name}` needs a list, not {type_name(value)}")


@filter_("first", taint=Taint.PASSES)
def first(value: Any) -> Any:
    """The first item, or the first letter. `{{ ['apple', 'banana'] | first }}` = `apple`"""
    if value is None:
        return None
    return _at_end(value, "first", 0)


def _at_end(value: Any, name: str, place: int) -> Any:
    if isinstance(value, str):
        return Char(utf16.units(value)[place]) if value else None
    items = _listed(value, name)
    return items[place] if items else None


@filter_("last", taint=Taint.PASSES)
def last(value: Any) -> Any:
    """The last item, or the last letter. `{{ 'Kestra' | last }}` = `a`"""
    if value is None:
        return None
    return _at_end(value, "last", -1)


@filter_("length", taint=Taint.DROPS)
def length(value: Any) -> int:
    """How many items or letters. `{{ ['apple', 'banana'] | length }}` = `2`"""
    if isinstance(value, str):
        return utf16.length(value)
    return len(value) if isinstance(value, Mapping | list | tuple | set | frozenset | bytes) else 0


@filter_("join", taint=Taint.EXACT)
def join(frame: Frame, value: Any, separator: Any = "") -> Any:
    """The items as one text. `{{ ['a', 'b'] | join(', ') }}` = `a, b`"""
    if value is None:
        return None
    parts = [item_text(each, frame.run) for each in _listed(value, "join")]
    between = text_of(separator, frame.run)
    frame.run.room_for(sum(map(len, parts)) + len(between) * len(parts))
    pieces = [piece for part in parts for piece in (between, part)][1:]
    return frame.run.made_text(join_texts(pieces))


@filter_("split")
def split(frame: Frame, value: Any, delimiter: Any, limit: Any = 0) -> Any:
    r"""The parts between matches of a regular expression. `{{ 'a.b.c' | split('\.') }}` = `["a","b","c"]`"""
    if value is None:
        return None
    return split_by_regex(
        frame.run, text_of(delimiter, frame.run), text_of(value, frame.run), whole_number("limit", limit)
    )


@filter_("sort", taint=Taint.PASSES)
def sort(frame: Frame, value: Any) -> Any:
    """In ascending order. `{{ [3, 1, 2] | sort }}` = `[1,2,3]`"""
    return None if value is None else _sorted(frame, _listed(value, "sort"), reverse=False)


@filter_("rsort", taint=Taint.PASSES)
def rsort(frame: Frame, value: Any) -> Any:
    """In descending order. `{{ [3, 1, 2] | rsort }}` = `[3,2,1]`"""
    return None if value is None else _sorted(frame, _listed(value, "rsort"), reverse=True)


def _sorted(frame: Frame, items: list[Any], *, reverse: bool) -> list[Any]:
    frame.run.room_for_items(len(items))

    def order(left: Any, right: Any) -> int:
        frame.run.step()
        return compare(frame.run, left, right)

    return sorted(items, key=cmp_to_key(order), reverse=reverse)


@filter_("reverse", taint=Taint.PASSES)
def reverse(value: Any) -> Any:
    """The other way round. `{{ [1, 2, 3] | reverse }}` = `[3,2,1]`"""
    if value is None:
        return None
    return value[::-1] if isinstance(value, str) else _listed(value, "reverse")[::-1]


@filter_("chunk", taint=Taint.PASSES)
def chunk(frame: Frame, value: Any, size: Any) -> Any:
    """Groups of that many items. `{{ [1, 2, 3] | chunk(2) }}` = `[[1,2],[3]]`"""
    if value is None:
        return None
    width, items = whole_number("size", size), _sequence(value, "chunk")
    if width < 1:
        raise ArgumentError("The argument `size` must be 1 or more")
    frame.run.room_for_items(len(items))
    return [items[start : start + width] for start in range(0, len(items), width)]


def _sequence(value: Any, name: str) -> list[Any]:
    if isinstance(value, SEQUENCES):
        return list(value)
    raise EvaluationError(f"`{name}` needs a list, not {type_name(value)}")


@filter_("distinct", taint=Taint.PASSES)
def distinct(frame: Frame, value: Any) -> Any:
    """Each value once, in order of first appearance. `{{ [1, 2, 2, 1] | distinct }}` = `[1,2]`"""
    if value is None:
        return None
    seen: dict[Any, Any] = {}
    for each in _listed(value, "distinct"):
        seen.setdefault(_identity(frame, each), each)
    return list(seen.values())


def _identity(frame: Frame, value: Any) -> tuple[str, Any]:
    """Something hashable that is equal exactly for values of the same kind that are."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return ("json", json_text(value, frame.run, nulls=True))
    if isinstance(value, Decimal):
        return ("decimal", str(value))
    return (class_of(value), value)


@filter_("slice", taint=Taint.PASSES)
def slice_(value: Any, from_index: Any = 0, to_index: Any = None) -> Any:
    """From one position up to another, not included. `{{ 'Kestra' | slice(1, 3) }}` = `es`"""
    if value is None:
        return None
    items = value if isinstance(value, str) else _listed(value, "slice")
    size = utf16.length(items) if isinstance(items, str) else len(items)
    start = whole_number("fromIndex", from_index)
    end = size if to_index is None else whole_number("toIndex", to_index)
    if start < 0 or end > size or start > end:
        raise ArgumentError(f"The positions {start} to {end} do not lie within the {size} that there are")
    return utf16.sliced(items, start, end) if isinstance(items, str) else items[start:end]


@filter_("merge", taint=Taint.PASSES)
def merge(frame: Frame, value: Any, items: Any) -> Any:
    """Two lists one after the other, or two maps with the second winning. `{{ [1] | merge([2]) }}` = `[1,2]`"""
    if value is None:
        return items
    if isinstance(value, Mapping):
        return _merged(frame, value, items)
    both = [*_sequence(value, "merge"), *(items.items() if isinstance(items, Mapping) else _sequence(items, "merge"))]
    frame.run.room_for_items(len(both))
    return both


def _merged(frame: Frame, value: Mapping[Any, Any], items: Any) -> dict[Any, Any]:
    added = items if isinstance(items, Mapping) else {each: each for each in _sequence(items, "merge")}
    frame.run.room_for_items(len(value) + len(added))
    return {**value, **added}


@filter_("flatten", taint=Taint.PASSES)
def flatten(frame: Frame, value: Any) -> Any:
    """One level of nesting less. `{{ [[1, 2], [3], 4] | flatten }}` = `[1,2,3,4]`"""
    if value is None:
        return None
    items = [each if isinstance(each, SEQUENCES) else [each] for each in _sequence(value, "flatten")]
    frame.run.room_for_items(sum(map(len, items)))
    return [each for group in items for each in group]


@filter_("keys", taint=Taint.PASSES)
def keys(value: Any) -> Any:
    """The keys of a map, the positions of a list. `{{ {'foo': 'bar'} | keys }}` = `["foo"]`"""
    if value is None:
        return None
    if isinstance(value, Mapping):
        return list(value.keys())
    return list(range(len(_sequence(value, "keys"))))


@filter_("values", taint=Taint.PASSES)
def values(value: Any) -> Any:
    """The values of a map. `{{ {'foo': 'bar'} | values }}` = `["bar"]`"""
    if value is None:
        return None
    found: Iterable[Any] = value.values() if isinstance(value, Mapping) else _sequence(value, "values")
    return list(found)


@filter_("default", taint=Taint.PASSES, takes_undefined=True)
def default(value: Any, default: Any) -> Any:
    """Something else for what is undefined, null or empty. `{{ missing | default('none') }}` = `none`"""
    return default if is_empty(value) else value
