"""Filters and paths of SCIM (RFC 7644, figures 1 and 7), read into small trees.

The parser of scim2-filter-parser binds `or` as strongly as `and` and knows no escaped quote, so it is not asked.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from control_plane.kernel.words.errors import ControlPlaneError
from iam.scim.attributes import Attribute, Attributes, Kind
from iam.scim.refusals import InvalidFilter, InvalidPath

LONGEST = 4_000
MOST_TERMS = 100
DEEPEST = 20
OPERATORS = frozenset({"eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"})
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")"""
    r"""|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])"""
    r"""|(?P<word>[A-Za-z$.][\w$:.\-]*)|(?P<mark>[()\[\]]))"""
)
Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Path:
    """A place in a document: an attribute, perhaps of an extension, perhaps one part of it.

    `attribute` is None where the whole extension is meant.
    """

    extension: str | None
    attribute: Attribute | None
    sub: Attribute | None = None

    @property
    def leaf(self) -> Attribute | None:
        return self.sub or self.attribute

    @property
    def is_read_only(self) -> bool:
        leaf = self.leaf
        return bool(leaf and leaf.is_read_only) or bool(self.attribute and self.attribute.is_read_only)


@dataclass(frozen=True, slots=True)
class Compare:
    path: Path
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Present:
    path: Path


@dataclass(frozen=True, slots=True)
class Both:
    left: Filter
    right: Filter


@dataclass(frozen=True, slots=True)
class Either:
    left: Filter
    right: Filter


@dataclass(frozen=True, slots=True)
class Not:
    inner: Filter


@dataclass(frozen=True, slots=True)
class Having:
    """One value of a list is all of this: `emails[type eq "work" and value co "@x"]`."""

    path: Path
    inner: Filter


Filter = Compare | Present | Both | Either | Not | Having


@dataclass(frozen=True, slots=True)
class Target:
    """What a PATCH changes: a path, those of its values that a filter finds, and a part of each."""

    path: Path
    filter: Filter | None = None


_META = Attribute(
    "meta",
    "complex",
    is_read_only=True,
    subs={
        name.lower(): Attribute(name, kind, is_read_only=True)
        for name, kind in (
            ("resourceType", "string"),
            ("created", "dateTime"),
            ("lastModified", "dateTime"),
            ("version", "string"),
            ("location", "reference"),
        )
    },
)
_ALWAYS: Attributes = {
    "id": Attribute("id", "string", is_exact=True, is_read_only=True),
    "schemas": Attribute("schemas", "reference", is_many=True, is_exact=True, is_read_only=True),
    "meta": _META,
}


def resolve(kind: Kind, text: str) -> Path:
    """What a name means in a document of this kind. InvalidPath for what is none of its attributes."""
    whole = kind.extension(text)
    if whole is not None:
        return Path(whole, None)
    urn, _, rest = text.rpartition(":")
    extension = kind.extension(urn) if urn else None
    if urn and extension is None and urn.lower() != kind.schema.lower():
        raise InvalidPath(f"`{text[:100]}`: there is no schema {urn[:100]}")
    known = {**kind.attributes, **_ALWAYS} if extension is None else kind.extensions[extension]
    name, _, sub = rest.partition(".")
    attribute = known.get(name.lower())
    if attribute is None:
        raise InvalidPath(f"`{text[:100]}` is no attribute of a {kind.name}")
    return Path(extension, attribute, _sub(attribute, sub) if sub else None)


def _sub(attribute: Attribute, name: str) -> Attribute:
    found = attribute.subs.get(name.lower())
    if found is None:
        raise InvalidPath(f"`{name[:60]}` is no part of `{attribute.name}`")
    return found


def parse_filter(kind: Kind, text: str) -> Filter:
    """InvalidFilter for what is none, is too long, or is nested too deep."""
    return _Reader(kind, text, InvalidFilter).whole_filter()


def parse_target(kind: Kind, text: str) -> Target:
    """InvalidPath for what is none."""
    return _Reader(kind, text, InvalidPath).whole_target()


class _Reader:
    def __init__(self, kind: Kind, text: str, refusal: type[ControlPlaneError]) -> None:
        self._kind = kind
        self._refusal = refusal
        self._text = text
        self._tokens = self._split(text)
        self._at = 0
        self._depth = 0
        self._terms = 0
        self._inside: Attribute | None = None

    def _split(self, text: str) -> list[tuple[str, str]]:
        if len(text) > LONGEST:
            raise self._refusal(f"longer than {LONGEST} characters")
        found, at, end = [], 0, len(text.rstrip())
        while at < end:
            match = _TOKEN.match(text, at)
            if match is None:
                raise self._wrong(f"`{text[at : at + 20]}` is not understood")
            found.append((str(match.lastgroup), str(match[str(match.lastgroup)])))
            at = match.end()
        return found

    def _wrong(self, message: str) -> ControlPlaneError:
        return self._refusal(f"{message} in `{self._text[:200]}`")

    def whole_filter(self) -> Filter:
        found = self._either()
        self._end()
        return found

    def whole_target(self) -> Target:
        path = self._path()
        inner = None
        if self._take("mark", "["):
            inner = self._inner(path)
            path = self._part_of(path)
        self._end()
        return Target(path, inner)

    def _end(self) -> None:
        if self._at != len(self._tokens):
            raise self._wrong(f"`{self._tokens[self._at][1][:40]}` is one too many")

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("", "")

    def _take(self, kind: str, *values: str) -> str | None:
        found, value = self._peek()
        if found != kind or (values and value.lower() not in values):
            return None
        self._at += 1
        return value

    def _need(self, mark: str) -> None:
        if self._take("mark", mark) is None:
            raise self._wrong(f"`{mark}` is missing")

    def _either(self) -> Filter:
        return self._chain("or", self._both, Either)

    def _both(self) -> Filter:
        return self._chain("and", self._one, Both)

    def _chain(self, word: str, inner: Callable[[], Filter], join: Callable[[Filter, Filter], Filter]) -> Filter:
        found = inner()
        while self._take("word", word):
            found = join(found, inner())
        return found

    def _one(self) -> Filter:
        is_not = False
        if self._peek()[1].lower() == "not" and self._tokens[self._at + 1 : self._at + 2] == [("mark", "(")]:
            self._at += 1
            is_not = True
        if self._take("mark", "("):
            self._deeper()
            found = self._either()
            self._depth -= 1
            self._need(")")
            return Not(found) if is_not else found
        return self._term()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._refusal(f"nested deeper than {DEEPEST}")

    def _term(self) -> Filter:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise self._refusal(f"more than {MOST_TERMS} terms")
        path = self._path()
        if self._take("mark", "["):
            inner = self._inner(path)
            part = self._part_of(path)
            if part.sub is None:
                return Having(path, inner)
            return Having(path, Both(inner, self._comparison(Path(None, part.sub))))
        return self._comparison(path)

    def _comparison(self, path: Path) -> Filter:
        operator = (self._take("word") or "").lower()
        if operator == "pr":
            return Present(path)
        if operator not in OPERATORS:
            raise self._wrong(f"`{operator[:40]}` is no operator")
        return Compare(path, operator, self._value())

    def _value(self) -> Value:
        text = self._take("text")
        if text is not None:
            told = json.loads(text)
            if "\x00" in told or any("\ud800" <= letter <= "\udfff" for letter in told):
                raise self._wrong("a text holds what no text can hold")
            return str(told)
        number = self._take("number")
        if number is not None:
            return self._number(number)
        word = (self._take("word") or "").lower()
        if word not in ("true", "false", "null"):
            raise self._wrong("a value is missing")
        return {"true": True, "false": False, "null": None}[word]

    def _number(self, text: str) -> int | float:
        value = float(text)
        if not math.isfinite(value) or len(text) > 100:
            raise self._wrong("a number is too large")
        return value if set(text) & set(".eE") else int(text)

    def _path(self) -> Path:
        word = self._take("word")
        if word is None:
            raise self._wrong("an attribute is missing")
        try:
            if self._inside is not None:
                return Path(None, _sub(self._inside, word))
            return resolve(self._kind, word)
        except InvalidPath as error:
            raise self._refusal(error.message) from None

    def _inner(self, path: Path) -> Filter:
        if path.attribute is None or not path.attribute.is_complex or path.sub is not None or self._inside is not None:
            raise self._wrong("what is in brackets is asked of no list of values")
        self._deeper()
        self._inside = path.attribute
        found = self._either()
        self._inside = None
        self._depth -= 1
        self._need("]")
        return found

    def _part_of(self, path: Path) -> Path:
        word = self._peek()[1]
        if self._peek()[0] != "word" or not word.startswith("."):
            return path
        self._at += 1
        assert path.attribute is not None
        try:
            return Path(path.extension, path.attribute, _sub(path.attribute, word[1:]))
        except InvalidPath as error:
            raise self._refusal(error.message) from None
