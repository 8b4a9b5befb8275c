"""The syntax tree of a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Attribute:
    """`.name` after a value."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Subscript:
    """`[key]` after a value."""

    key: Node
    line: int


@dataclass(frozen=True, slots=True)
class Method:
    """`.name(...)` after a value."""

    name: str
    arguments: Arguments
    line: int


@dataclass(frozen=True, slots=True)
class Path:
    """A value and the steps that lead into it, in one flat list however long it is."""

    target: Node
    steps: tuple[Attribute | Subscript | Method, ...]


@dataclass(frozen=True, slots=True)
class Arguments:
    positional: tuple[Node, ...] = ()
    named: tuple[tuple[str, Node], ...] = ()

    def all(self) -> tuple[Node, ...]:
        return (*self.positional, *(value for _, value in self.named))


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: Arguments
    line: int


@dataclass(frozen=True, slots=True)
class Filter:
    name: str
    arguments: Arguments
    line: int


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A value and the filters it goes through, left to right."""

    target: Node
    filters: list[Filter]


@dataclass(frozen=True, slots=True)
class Test:
    """`target is [not] name(arguments)`."""

    __test__ = False

    target: Node
    name: str
    arguments: Arguments
    negated: bool
    line: int


@dataclass(frozen=True, slots=True)
class Chain:
    """Operands joined from the left by operators of one precedence, in one flat list however long it is."""

    first: Node
    rest: list[tuple[str, Node]]
    precedence: int
    line: int


@dataclass(frozen=True, slots=True)
class Unary:
    sign: str
    operand: Node
    line: int


@dataclass(frozen=True, slots=True)
class Ternary:
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class ListOf:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class MapOf:
    pairs: tuple[tuple[Node, Node], ...]


Node = Literal | Name | Path | Call | Pipeline | Test | Chain | Unary | Ternary | ListOf | MapOf


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Print:
    value: Node
    line: int


@dataclass(frozen=True, slots=True)
class If:
    branches: tuple[tuple[Node, Body], ...]
    otherwise: Body


@dataclass(frozen=True, slots=True)
class For:
    name: str
    values: Node
    body: Body
    otherwise: Body
    line: int


@dataclass(frozen=True, slots=True)
class Set:
    name: str
    value: Node


@dataclass(frozen=True, slots=True)
class FilterBlock:
    filters: list[Filter]
    body: Body


@dataclass(frozen=True, slots=True)
class Macro:
    name: str
    parameters: tuple[tuple[str, Node | None], ...]
    body: Body


@dataclass(frozen=True, slots=True)
class Block:
    name: str
    body: Body


Statement = Text | Print | If | For | Set | FilterBlock | Macro | Block
Body = tuple[Statement, ...]
