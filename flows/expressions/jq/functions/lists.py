"""Functions of jq for lists and maps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import product
from typing import Any

from flows.expressions import utf16
from flows.expressions.jq import steps
from flows.expressions.jq.errors import JqError
from flows.expressions.jq.natives import stream, value
from flows.expressions.jq.nodes import Node
from flows.expressions.jq.streams import Env, Item, Stream, computed, values
from flows.expressions.jq.values import calculate, compare, equal, holds, kind_of, ordered, shown, text_of
from flows.expressions.limits import Run

MOST_FLAT = 1000


def listed(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise JqError(f"Cannot use {kind_of(given)} as an array")
    return given


def keys_by(env: Env, by: Node, items: list[Any]) -> list[Any]:
    return [[*values(by, env, each)] for each in items]


def keyed(name: str) -> Callable[[Callable[[Run, list[Any], list[Any]], Any]], Any]:
    """Register `name` and `name_by(f)` of a function that is given items and what they are ordered by."""

    def register(function: Callable[[Run, list[Any], list[Any]], Any]) -> Any:
        @stream(f"{name}_by", 1)
        def by(env: Env, arguments: tuple[Node, ...], item: Item) -> Stream:
            items = listed(item[1])
            yield computed(item, function(env.run, items, keys_by(env, arguments[0], items)))

        if name != "group":

            @value(name)
            def plain(run: Run, given: Any) -> Any:
                return function(run, listed(given), listed(given))

        return function

    return register


@value("length")
def length(run: Run, given: Any) -> Any:
    kind = kind_of(given)
    if kind == "boolean":
        raise JqError("boolean has no length")
    if kind == "null":
        return 0
    return abs(given) if kind == "number" else len(given)


@value("keys")
def keys(run: Run, given: Any) -> Any:
    return sorted(given) if isinstance(given, dict) else [*range(len(_parts(given)))]


@value("keys_unsorted")
def keys_unsorted(run: Run, given: Any) -> Any:
    return [*given] if isinstance(given, dict) else [*range(len(_parts(given)))]


def _parts(given: Any) -> Any:
    if not isinstance(given, list | dict):
        raise JqError(f"{kind_of(given)} has no keys")
    return given


@value("has", 1)
def has(run: Run, given: Any, key: Any) -> bool:
    if isinstance(given, dict) and isinstance(key, str):
        return key in given
    if isinstance(given, list) and isinstance(key, int | float) and not isinstance(key, bool):
        return bool(0 <= key < len(given))
    raise JqError(f"Cannot check whether {kind_of(given)} has a key of type {kind_of(key)}")


@value("in", 1)
def in_(run: Run, given: Any, holder: Any) -> bool:
    found: bool = has(run, holder, given)
    return found


@value("contains", 1)
def contains(run: Run, given: Any, wanted: Any) -> bool:
    run.step()
    if isinstance(given, dict) and isinstance(wanted, dict):
        return all(key in given and contains(run, given[key], each) for key, each in wanted.items())
    if isinstance(given, list) and isinstance(wanted, list):
        return all(any(_holds_part(run, part, each) for part in given) for each in wanted)
    if isinstance(given, str) and isinstance(wanted, str):
        return wanted in given
    if kind_of(given) == kind_of(wanted):
        return equal(run, given, wanted)
    raise JqError(f"{shown(given, run)} and {shown(wanted, run)} cannot have their containment checked")


def _holds_part(run: Run, part: Any, wanted: Any) -> bool:
    return kind_of(part) == kind_of(wanted) and contains(run, part, wanted)


@value("inside", 1)
def inside(run: Run, given: Any, holder: Any) -> bool:
    found: bool = contains(run, holder, given)
    return found


@value("add")
def add(run: Run, given: Any) -> Any:
    return total(run, (part for _, part in steps.parts(given)))


def total(run: Run, parts: Iterable[Any]) -> Any:
    """Texts and lists are joined in one go: adding them one by one would copy what is there each time."""
    items = [each for each in parts if each is not None]
    run.room_for_items(len(items))
    if items and all(isinstance(each, str) for each in items):
        run.room_for(sum(map(len, items)))
        return run.made_text("".join(items))
    if items and all(isinstance(each, list) for each in items):
        run.room_for_items(sum(map(len, items)))
        return [part for each in items for part in each]
    found: Any = None
    for each in items:
        run.step()
        found = each if found is None else calculate(run, "+", found, each)
    return found


@value("sort")
def sort(run: Run, given: Any) -> Any:
    items = listed(given)
    return [items[place] for place in ordered(run, items)]


@stream("sort_by", 1)
def sort_by(env: Env, arguments: tuple[Node, ...], item: Item) -> Stream:
    items = listed(item[1])
    places = ordered(env.run, items, keys_by(env, arguments[0], items))
    yield computed(item, [items[place] for place in places])


@keyed("group")
def group(run: Run, items: list[Any], by: list[Any]) -> list[list[Any]]:
    return [[items[place] for place in places] for places in _groups(run, items, by)]


def _groups(run: Run, items: list[Any], by: list[Any]) -> Iterator[list[int]]:
    places: list[int] = []
    for place in ordered(run, items, by):
        if places and compare(run, by[places[0]], by[place]):
            yield places
            places = []
        places.append(place)
    if places:
        yield places


@keyed("unique")
def unique(run: Run, items: list[Any], by: list[Any]) -> list[Any]:
    return [items[places[0]] for places in _groups(run, items, by)]


@keyed("min")
def least(run: Run, items: list[Any], by: list[Any]) -> Any:
    found = None
    for place in range(len(items)):
        if found is None or compare(run, by[place], by[found]) < 0:
            found = place
    return None if found is None else items[found]


@keyed("max")
def greatest(run: Run, items: list[Any], by: list[Any]) -> Any:
    found = None
    for place in range(len(items)):
        if found is None or compare(run, by[place], by[found]) >= 0:
            found = place
    return None if found is None else items[found]


@value("reverse")
def reverse(run: Run, given: Any) -> Any:
    if given is None:
        return []
    return given[::-1] if isinstance(given, str) else listed(given)[::-1]


@value("first")
def first(run: Run, given: Any) -> Any:
    return steps.at(run, given, 0)


@value("last")
def last(run: Run, given: Any) -> Any:
    return steps.at(run, given, -1)


@value("nth", 1)
def nth(run: Run, given: Any, place: Any) -> Any:
    return steps.at(run, given, place)


@value("flatten")
def flatten(run: Run, given: Any) -> Any:
    return flatten_to(run, given, MOST_FLAT)


@value("flatten", 1)
def flatten_to(run: Run, given: Any, depth: Any) -> Any:
    if kind_of(depth) != "number" or depth < 0:
        raise JqError("flatten depth must not be negative")
    parts = [part for _, part in steps.parts(given)]
    found: list[Any] = []
    _flattened(run, parts, depth, found)
    return found


def _flattened(run: Run, parts: list[Any], depth: float, found: list[Any]) -> None:
    run.enter()
    for each in parts:
        if isinstance(each, list) and depth > 0:
            _flattened(run, each, depth - 1, found)
        else:
            found.append(each)
            run.one_more_item(len(found))
    run.leave()


@value("to_entries")
def to_entries(run: Run, given: Any) -> list[dict[str, Any]]:
    return [{"key": key, "value": each} for key, each in steps.parts(given)]


@value("from_entries")
def from_entries(run: Run, given: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _, entry in steps.parts(given):
        if not isinstance(entry, dict):
            raise JqError(f'Cannot index {kind_of(entry)} with "key"')
        key = next((entry[name] for name in ENTRY_KEYS if entry.get(name) is not None), None)
        if not isinstance(key, str):
            raise JqError(f"Cannot use {kind_of(key)} as object key")
        found[key] = next((entry[name] for name in ENTRY_VALUES if name in entry), None)
    return found


ENTRY_KEYS = ("key", "k", "name", "Name", "K", "Key")
ENTRY_VALUES = ("value", "v", "Value", "V")


@value("transpose")
def transpose(run: Run, given: Any) -> Any:
    rows = [listed(each) for each in listed(given)]
    width = max(map(len, rows), default=0)
    run.room_for_items(width * max(len(rows), 1))
    return [[row[place] if place < len(row) else None for row in rows] for place in range(width)]


@stream("combinations", 0)
def combinations(env: Env, arguments: tuple[Node, ...], item: Item) -> Stream:
    lists = [[part for _, part in steps.parts(each)] for each in listed(item[1])]
    for found in product(*lists):
        env.run.step(1 + len(found))
        yield computed(item, [*found])


@stream("combinations", 1)
def combinations_of(env: Env, arguments: tuple[Node, ...], item: Item) -> Stream:
    for count in values(arguments[0], env, item[1]):
        yield from combinations(env, (), (item[0], [item[1]] * int(count)))


@value("indices", 1)
@value("_indices", 1)
def indices(run: Run, given: Any, wanted: Any) -> Any:
    if given is None:
        return None
    if isinstance(given, str) and isinstance(wanted, str):
        return [*_places(run, given, wanted)]
    items = listed(given)
    if isinstance(wanted, list):
        return steps.indices(run, items, wanted)
    return [place for place, each in enumerate(items) if equal(run, each, wanted)]


def _places(run: Run, text: str, wanted: str) -> Iterator[int]:
    """Where a text stands in another, counted as Java counts."""
    place = text.find(wanted) if wanted else -1
    while place >= 0:
        run.step(1 + place // 64)
        yield utf16.length(text[:place])
        place = text.find(wanted, place + 1)


@value("index", 1)
def index(run: Run, given: Any, wanted: Any) -> Any:
    found = indices(run, given, wanted)
    return found[0] if found else None


@value("rindex", 1)
def rindex(run: Run, given: Any, wanted: Any) -> Any:
    found = indices(run, given, wanted)
    return found[-1] if found else None


@value("join", 1)
def join(run: Run, given: Any, separator: Any) -> Any:
    parts = [part for _, part in steps.parts(given)]
    if not parts:
        return ""
    if not isinstance(separator, str):
        raise JqError(f"{kind_of(separator)} cannot join texts")
    texts = ["" if part is None else _joinable(run, part) for part in parts]
    run.room_for(sum(map(len, texts)) + len(separator) * len(texts))
    return run.made_text(separator.join(texts))


def _joinable(run: Run, part: Any) -> str:
    if isinstance(part, list | dict):
        raise JqError(f"{shown(part, run)} cannot be joined")
    return text_of(run, part)


@value("not")
def not_(run: Run, given: Any) -> bool:
    return not holds(given)
