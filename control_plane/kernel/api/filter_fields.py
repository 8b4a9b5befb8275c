"""The kinds of field a list can be filtered by, and which operations each one knows."""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable, Collection
from functools import reduce
from typing import ClassVar

import re2
from django.db import DataError, connection, transaction
from django.db.models import Q

from control_plane.kernel.api.query import duration, moment, whole
from control_plane.kernel.scope import tenant_or_none
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import BadParameter

Value = str | list[str]
_LONGEST_PATTERN = 500
_MOST_ITEMS = 1000


class Op(enum.StrEnum):
    EQUALS = "EQUALS"
    NOT_EQUALS = "NOT_EQUALS"
    GREATER_THAN = "GREATER_THAN"
    LESS_THAN = "LESS_THAN"
    GREATER_THAN_OR_EQUAL_TO = "GREATER_THAN_OR_EQUAL_TO"
    LESS_THAN_OR_EQUAL_TO = "LESS_THAN_OR_EQUAL_TO"
    IN = "IN"
    NOT_IN = "NOT_IN"
    STARTS_WITH = "STARTS_WITH"
    ENDS_WITH = "ENDS_WITH"
    CONTAINS = "CONTAINS"
    REGEX = "REGEX"
    PREFIX = "PREFIX"


_EQUALITY = frozenset({Op.EQUALS, Op.NOT_EQUALS, Op.IN, Op.NOT_IN})
_NEGATED = {Op.NOT_EQUALS: Op.EQUALS, Op.NOT_IN: Op.IN}
_COMPARED = {
    Op.GREATER_THAN: "gt",
    Op.LESS_THAN: "lt",
    Op.GREATER_THAN_OR_EQUAL_TO: "gte",
    Op.LESS_THAN_OR_EQUAL_TO: "lte",
}


class FilterField:
    """One field; `q` gets only operations that are in `ops`."""

    ops: frozenset[Op] = frozenset()
    has_keys: ClassVar[bool] = False
    """Whether one may be named after the operation: `filters[labels][EQUALS][team]=sdk`."""

    def q(self, name: str, op: Op, value: Value, key: str | None) -> Q:
        raise BadParameter(f"`{name}` cannot be filtered by {op}")


class Text(FilterField):
    """A text. PREFIX is about dotted paths: `prod` finds `prod` and `prod.eu`, not `production`."""

    ops = _EQUALITY | {Op.STARTS_WITH, Op.ENDS_WITH, Op.CONTAINS, Op.REGEX, Op.PREFIX}
    _LOOKUPS = {Op.STARTS_WITH: "startswith", Op.ENDS_WITH: "endswith", Op.CONTAINS: "icontains"}

    def __init__(self, column: str) -> None:
        self.column = column

    def q(self, name: str, op: Op, value: Value, key: str | None) -> Q:
        if op in _NEGATED:
            return ~self.q(name, _NEGATED[op], value, key)
        if op is Op.IN:
            return Q(**{f"{self.column}__in": items(name, value)})
        text = one(name, value)
        if op is Op.EQUALS:
            return Q(**{self.column: text})
        if op is Op.PREFIX:
            return Q(**{self.column: text}) | Q(**{f"{self.column}__startswith": f"{text}."})
        if op is Op.REGEX:
            return Q(**{f"{self.column}__regex": pattern(name, text)})
        return Q(**{f"{self.column}__{self._LOOKUPS[op]}": text})


class Search(FilterField):
    """What people type into a search box: found when any of the columns holds it, in any case."""

    ops = frozenset({Op.EQUALS, Op.NOT_EQUALS, Op.CONTAINS})

    def __init__(self, *columns: str) -> None:
        self.columns = columns

    def q(self, name: str, op: Op, value: Value, key: str | None) -> Q:
        text = one(name, value)
        if not text:
            return Q()
        found = self.found(text)
        return ~found if op is Op.NOT_EQUALS else found

    def found(self, text: str) -> Q:
        return reduce(operator.or_, (Q(**{f"{column}__icontains": text}) for column in self.columns))


class Choice(FilterField):
    """One of a closed set of words."""

    ops = _EQUALITY

    def __init__(self, column: str, choices: Collection[str]) -> None:
        self.column = column
        self.choices = frozenset(choices)

    def q(self, name: str, op: Op, value: Value, key: str | None) -> Q:
        words = items(name, value) if op in (Op.IN, Op.NOT_IN) else [one(name, value)]
        unknown = [word for word in words if word not in self.choices]
        if unknown:
            raise BadParameter(f"`{unknown[0][:50]}` is no {name}: use one of {', '.join(sorted(self.choices))}")
        found = Q(**{f"{self.column}__in": words})
        return ~found if op in _NEGATED else found


class Moment(FilterField):
    """A point in time."""

    ops = frozenset({Op.EQUALS, Op.NOT_EQUALS, *_COMPARED})

    def __init__(self, column: str) -> None:
        self.column = column

    def q(self, name: str, op: Op, value: Value, key: str | None) -> Q:
        when = moment(name, one(name, value))
        if op in _COMPARED:
            return Q(**{f"{self.column}__{_COMPARED[op]}": when})
        found = Q(**{self.column: when})
        return ~found if op is Op.NOT_EQUALS else found


class Since(FilterField):
    """A time range that ends now: `PT24H`."""

    ops = frozenset({Op.EQUALS})

    def __init__(self, column: str) -> None:
        self.column = column

    def q(self, name: str, op: Op, value: Value, key: str | None) -> Q:
        try:
            return Q(**{f"{self.column}__gte": now() - duration(name, one(name, value))})
        except OverflowError:
            raise BadParameter(f"`{name}` is too long") from None


class Number(FilterField):
    """A whole number."""

    ops = _EQUALITY | frozenset(_COMPARED)

    def __init__(self, column: str) -> None:
        self.column = column

    def q(self, name: str, op: Op, value: Value, key: str | None) -> Q:
        numbers = [whole(name, item) for item in compared(name, op, value)]
        if op in _COMPARED:
            return Q(**{f"{self.column}__{_COMPARED[op]}": numbers[0]})
        found = Q(**{f"{self.column}__in": numbers})
        return ~found if op in _NEGATED else found


class Flag(FilterField):
    """True or false."""

    ops = frozenset({Op.EQUALS, Op.NOT_EQUALS})

    def __init__(self, column: str, *, negated: bool = False) -> None:
        self.column = column
        self.negated = negated

    def q(self, name: str, op: Op, value: Value, key: str | None) -> Q:
        word = one(name, value).lower()
        if word not in ("true", "false"):
            raise BadParameter(f"`{name}` must be true or false")
        return Q(**{self.column: (word == "true") ^ self.negated ^ (op is Op.NOT_EQUALS)})


class Labels(FilterField):
    """A map kept as a JSON object: `filters[labels][EQUALS][team]=sdk`, or the value `team:sdk` without a key."""

    ops = frozenset({Op.EQUALS, Op.NOT_EQUALS, Op.IN, Op.NOT_IN, Op.CONTAINS})
    has_keys = True

    def __init__(self, column: str) -> None:
        self.column = column

    def q(self, name: str, op: Op, value: Value, key: str | None) -> Q:
        if op is Op.CONTAINS:
            return Q(**{f"{self.column}__icontains": one(name, value)})
        texts = compared(name, op, value)
        pairs = [(key, item) for item in texts] if key else [_pair(name, item) for item in texts]
        found = reduce(operator.or_, (self.has(label, item) for label, item in pairs))
        return ~found if op in _NEGATED else found

    def has(self, key: str, value: str) -> Q:
        """The condition of one label; another way to keep labels overrides this."""
        return Q(**{f"{self.column}__contains": {key: value}})


class By(FilterField):
    """Anything else: a function of (operation, value, key) makes the condition."""

    has_keys = True

    def __init__(self, ops: Collection[Op], make: Callable[[Op, Value, str | None], Q]) -> None:
        self.ops = frozenset(ops)
        self.make = make

    def q(self, name: str, op: Op, value: Value, key: str | None) -> Q:
        return self.make(op, value, key)


def one(name: str, value: Value) -> str:
    if isinstance(value, str):
        return value
    if len(value) != 1:
        raise BadParameter(f"`{name}` takes one value")
    return value[0]


def compared(name: str, op: Op, value: Value) -> list[str]:
    """What is compared: the items for IN and NOT_IN, the whole text, blanks and commas included, for all others."""
    return items(name, value) if op in (Op.IN, Op.NOT_IN) or isinstance(value, list) else [value]


def items(name: str, value: Value) -> list[str]:
    """A list, or a text with commas."""
    found = value if isinstance(value, list) else [part.strip() for part in value.split(",")]
    if not found or len(found) > _MOST_ITEMS:
        raise BadParameter(f"`{name}` takes 1 to {_MOST_ITEMS} values")
    return found


def pattern(name: str, text: str) -> str:
    """A regular expression that an automaton can run: no backreferences, no look-around, no explosion."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        if len(text) > _LONGEST_PATTERN:
            raise BadParameter(f"`{name}`: the pattern is longer than {_LONGEST_PATTERN} characters")
        re2.compile(text, options)
        _try(text)
    except (re2.error, DataError):
        raise BadParameter(f"`{name}`: the pattern is not a regular expression, or too costly") from None
    return text


def _try(text: str) -> None:
    """What runs it is the database, which takes some for wrong that others take for right. Raises DataError."""
    if tenant_or_none() is not None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT '' ~ %s", [text])


def _pair(name: str, item: str) -> tuple[str, str]:
    key, colon, value = item.partition(":")
    if not colon:
        raise BadParameter(f"`{name}` takes `key:value`")
    return key, value
