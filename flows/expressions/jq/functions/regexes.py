"""Functions of jq with regular expressions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from flows.expressions import regexes
from flows.expressions.errors import ArgumentError
from flows.expressions.jq.errors import JqError
from flows.expressions.jq.functions.texts import text
from flows.expressions.jq.natives import combinations, stream
from flows.expressions.jq.nodes import Node
from flows.expressions.jq.streams import Env, Item, Stream, computed, values
from flows.expressions.limits import Run

Arguments = tuple[Node, ...]
FLAGS = {"i": "i", "s": "s", "p": "s", "n": "", "l": "", "g": "", "x": ""}


def _found(run: Run, given: Any, pattern: Any, flags: Any, name: str) -> Iterator[Any]:
    """The matches in a text; all of them with the flag `g`, else the first. Raises `JqError`."""
    subject, wanted = text(run, given, name), text(run, pattern, name)
    switches = "" if flags is None else text(run, flags, name)
    if not set(switches) <= FLAGS.keys():
        raise JqError(f"{switches} is not a valid modifier string")
    modes = "".join(sorted({FLAGS[each] for each in switches}))
    try:
        expression = regexes.charged(run, f"(?{modes}){wanted}" if modes else wanted, subject)
    except ArgumentError as error:
        raise JqError(f"{wanted} (at offset 0) is not a valid regex: {error.message}") from None
    for match in islice(expression.finditer(subject), None if "g" in switches else 1):
        run.step()
        if match.start() == match.end() == len(subject) and subject and "g" in switches:
            return
        if "n" not in switches or match.group():
            yield match


def _given(env: Env, arguments: Arguments, value: Any) -> Iterator[tuple[Any, Any]]:
    """Pattern and flags: two arguments, or one that may be a list of both."""
    for given in combinations(env, arguments, value):
        if len(given) == 1 and isinstance(given[0], list):
            yield given[0][0], given[0][1] if len(given[0]) > 1 else None
        else:
            yield given[0], given[1] if len(given) > 1 else None


@stream("test", 1)
@stream("test", 2)
def test(env: Env, arguments: Arguments, item: Item) -> Stream:
    for pattern, flags in _given(env, arguments, item[1]):
        yield computed(item, any(True for _ in _found(env.run, item[1], pattern, flags, "test")))


@stream("match", 1)
@stream("match", 2)
def match(env: Env, arguments: Arguments, item: Item) -> Stream:
    for pattern, flags in _given(env, arguments, item[1]):
        for found in _found(env.run, item[1], pattern, flags, "match"):
            yield computed(item, _described(found))


def _described(found: Any) -> dict[str, Any]:
    names = {number: name for name, number in _named(found)}
    captures = [_group(found, number, names.get(number)) for number in range(1, found.re.groups + 1)]
    whole = _group(found, 0, None)
    return {"offset": whole["offset"], "length": whole["length"], "string": whole["string"], "captures": captures}


def _group(found: Any, number: int, name: str | None) -> dict[str, Any]:
    string = found.group(number)
    length = 0 if string is None else len(string)
    return {"offset": found.start(number), "length": length, "string": string, "name": name}


def _captured(found: Any) -> dict[str, Any]:
    return {name: found.group(number) for name, number in _named(found)}


def _named(found: Any) -> list[tuple[str, int]]:
    """The groups that have a name, in the order in which they open."""
    return sorted(found.re.groupindex.items(), key=lambda group: group[1])


@stream("capture", 1)
@stream("capture", 2)
def capture(env: Env, arguments: Arguments, item: Item) -> Stream:
    for pattern, flags in _given(env, arguments, item[1]):
        for found in _found(env.run, item[1], pattern, flags, "capture"):
            yield computed(item, _captured(found))


@stream("scan", 1)
@stream("scan", 2)
def scan(env: Env, arguments: Arguments, item: Item) -> Stream:
    for pattern, flags in _given(env, arguments, item[1]):
        for found in _found(env.run, item[1], pattern, (flags or "") + "g", "scan"):
            yield computed(item, [*found.groups()] if found.re.groups else found.group())


@stream("split", 2)
def split(env: Env, arguments: Arguments, item: Item) -> Stream:
    for pattern, flags in combinations(env, arguments, item[1]):
        yield computed(item, [*_parts(env.run, item[1], pattern, flags)])


@stream("splits", 1)
@stream("splits", 2)
def splits(env: Env, arguments: Arguments, item: Item) -> Stream:
    for given in combinations(env, arguments, item[1]):
        for part in _parts(env.run, item[1], given[0], given[1] if len(given) > 1 else None):
            yield computed(item, part)


def _parts(run: Run, given: Any, pattern: Any, flags: Any) -> Iterator[str]:
    place = 0
    for found in _found(run, given, pattern, (flags or "") + "g", "split"):
        yield given[place : found.start()]
        place = found.end()
    yield given[place:]


def _substituted(always: str, name: str) -> Any:
    def run(env: Env, arguments: Arguments, item: Item) -> Stream:
        pattern_node, new, *rest = arguments
        for pattern, flags in _given(env, (pattern_node, *rest), item[1]):
            matches = [*_found(env.run, item[1], pattern, (flags or "") + always, name)]
            for pieces in _replaced(env, new, matches, item[1], 0):
                env.run.room_for(sum(map(len, pieces)))
                yield computed(item, env.run.made_text("".join(pieces)))

    return run


def _replaced(env: Env, new: Node, matches: list[Any], subject: str, place: int) -> Iterator[list[str]]:
    """The pieces of the text for every combination of what the replacement gives."""
    choices: list[list[str]] = [[]]
    for found in matches:
        texts = [text(env.run, each, "sub") for each in values(new, env, _captured(found))]
        before = subject[place : found.start()]
        place = found.end()
        env.run.room_for_items(len(choices) * len(texts))
        choices = (
            [[*choice, before, each] for each in texts for choice in choices]
            if len(texts) != 1
            else _grown(choices, before, texts[0])
        )
    for choice in choices:
        yield [*choice, subject[place:]]


def _grown(choices: list[list[str]], *pieces: str) -> list[list[str]]:
    for choice in choices:
        choice.extend(pieces)
    return choices


for _name, _always in (("sub", ""), ("gsub", "g")):
    for _count in (2, 3):
        stream(_name, _count)(_substituted(_always, _name))
