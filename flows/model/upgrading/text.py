"""A document as text with the places of its nodes, and edits that leave everything else as it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the text: offsets of its first character and behind its last one, and its line."""

    start: int
    end: int
    line: int
    column: int


@dataclass(slots=True)
class Scalar:
    """A text, number or nothing. `style` is its quote, `|`, `>` or empty."""

    place: Place
    value: str
    style: str

    @property
    def is_block(self) -> bool:
        return self.style in ("|", ">")


@dataclass(slots=True)
class Entry:
    """A key of a map with its value."""

    key: Scalar
    value: Node


@dataclass(slots=True)
class Map:
    """Keys and values in the order they are written."""

    place: Place
    entries: dict[str, Entry]
    is_flow: bool

    def value(self, name: str) -> Node | None:
        entry = self.entries.get(name)
        return None if entry is None else entry.value

    def text(self, name: str) -> str | None:
        found = self.value(name)
        return found.value if isinstance(found, Scalar) else None

    def items(self, name: str) -> list[Node]:
        found = self.value(name)
        return found.items if isinstance(found, Sequence) else []


@dataclass(slots=True)
class Sequence:
    """Values one after the other."""

    place: Place
    items: list[Node]
    is_flow: bool


Node = Scalar | Map | Sequence


def read(text: str) -> Node | None:
    """The nodes of the one document of a text that `compose` has accepted; None when it is empty."""
    node = yaml.compose(text, _Loader)
    return None if node is None else _node(node)


def _node(node: Any) -> Node:
    place = Place(node.start_mark.index, node.end_mark.index, node.start_mark.line + 1, node.start_mark.column)
    if isinstance(node, yaml.ScalarNode):
        return Scalar(place, node.value, node.style or "")
    if isinstance(node, yaml.SequenceNode):
        return Sequence(place, [_node(each) for each in node.value], bool(node.flow_style))
    entries = {key.value: Entry(_scalar(key), _node(value)) for key, value in node.value}
    return Map(place, entries, bool(node.flow_style))


def _scalar(node: Any) -> Scalar:
    found = _node(node)
    assert isinstance(found, Scalar)  # keys are texts: `compose` has refused all else
    return found


def scalars(node: Node) -> Iterator[Scalar]:
    """Every value that is a text, number or nothing, in order."""
    if isinstance(node, Scalar):
        yield node
    for child in children(node):
        yield from scalars(child)


def children(node: Node) -> list[Node]:
    if isinstance(node, Map):
        return [entry.value for entry in node.entries.values()]
    return node.items if isinstance(node, Sequence) else []


@dataclass(slots=True)
class Edits:
    """Changes to a text, each at its place; none may overlap another."""

    text: str
    _changes: list[tuple[int, int, str]] = field(default_factory=list)

    def replace(self, place: Place, new: str) -> None:
        self._changes.append((place.start, place.end, new))

    def replace_span(self, start: int, end: int, new: str) -> None:
        self._changes.append((start, end, new))

    def rename(self, entry: Entry, name: str) -> None:
        """Give a key another name; its quotes go."""
        self.replace(entry.key.place, name)

    def set_text(self, scalar: Scalar, new: str) -> None:
        """Another value in the same place, plain where that says the same, else quoted."""
        self.replace(scalar.place, plain_or_quoted(new))

    def set_quoted(self, scalar: Scalar, new: str) -> None:
        """Another value in the quotes that are there."""
        if scalar.style == "'":
            self.replace(scalar.place, "'" + new.replace("'", "''") + "'")
        else:
            self.replace(scalar.place, json.dumps(new, ensure_ascii=False))

    def take(self, other: Edits) -> None:
        """The changes of another set of the same text."""
        self._changes += other._changes

    def add_after(self, entry: Entry, holder: Map, line: str) -> None:
        """One more entry behind one whose value is a scalar on its own line."""
        place = entry.value.place
        if holder.is_flow:
            self._changes.append((place.end, place.end, f", {line}"))
        else:
            indent = " " * entry.key.place.column
            end = self._line_end(place.end)
            self._changes.append((end, end, f"\n{indent}{line}"))

    def remove(self, entry: Entry, holder: Map) -> None:
        """Take a key away with its value, its lines and the comment at the end of them."""
        start, end = entry.key.place.start, content_end(entry.value)
        if holder.is_flow:
            start, end = self._with_comma(start, end)
        else:
            end = self._line_end(end)
            line_start = self.text.rfind("\n", 0, start) + 1
            if self.text[line_start:start].strip() == "":
                start = max(line_start - 1, 0)
            elif end < len(self.text):  # behind the dash of its list: the next key moves up
                end += 1 + entry.key.place.column
        self._changes.append((start, end, ""))

    def _with_comma(self, start: int, end: int) -> tuple[int, int]:
        after = end
        while after < len(self.text) and self.text[after] in " \n":
            after += 1
        if self.text[after : after + 1] == ",":
            after += 1
            while self.text[after : after + 1] == " ":
                after += 1
            return start, after
        before = self.text.rfind(",", 0, start)
        return (before if before >= 0 and self.text[before + 1 : start].strip() == "" else start), end

    def _line_end(self, position: int) -> int:
        found = self.text.find("\n", position)
        return len(self.text) if found < 0 else found

    @property
    def is_empty(self) -> bool:
        return not self._changes

    def result(self) -> str:
        """The text with every change. ValueError when two of them overlap."""
        done, position = [], 0
        for start, end, new in sorted(self._changes):
            if start < position:
                raise ValueError("two changes of a text overlap")
            done += [self.text[position:start], new]
            position = end
        return "".join([*done, self.text[position:]])


def content_end(node: Node) -> int:
    """Behind the last character of a value. That of a block ends with its last value, not with the comments below."""
    if isinstance(node, Scalar) or node.is_flow:
        return node.place.end
    if isinstance(node, Map):
        last = list(node.entries.values())[-1]
        return max(content_end(last.value), last.key.place.end)
    return content_end(node.items[-1])


def plain_or_quoted(value: str) -> str:
    """A value as YAML writes it."""
    written: str = yaml.safe_dump(value, width=1 << 20, allow_unicode=True, default_flow_style=True)
    return written.removesuffix("\n").removesuffix("\n...")
