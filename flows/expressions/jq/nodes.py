"""The syntax tree of a jq program.

A node `is_single` when it gives exactly one value whatever it is asked about, so that it needs no stream.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Identity:
    is_single: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Everything:
    """`..`"""

    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Literal:
    value: Any

    is_single: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Text:
    """A text with programs inside; what they give is written by the format."""

    format: str
    parts: tuple[str | Node, ...]
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Index:
    """`target[key]`; `target.name` is one with a literal key."""

    target: Node
    key: Node
    is_single: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_single", self.target.is_single and self.key.is_single)


@dataclass(frozen=True, slots=True)
class Slice:
    target: Node
    start: Node | None
    end: Node | None
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Each:
    target: Node
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Optional:
    """`?` after a step: what the step cannot be taken from is passed over, and the others are not."""

    step: Index | Slice | Each
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Try:
    body: Node
    handler: Node | None
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Array:
    body: Node | None

    is_single: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Object:
    entries: tuple[tuple[Node, Node], ...]
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Pipe:
    first: Node
    second: Node
    is_single: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_single", self.first.is_single and self.second.is_single)


@dataclass(frozen=True, slots=True)
class Comma:
    first: Node
    second: Node
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Negation:
    operand: Node
    is_single: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_single", self.operand.is_single)


@dataclass(frozen=True, slots=True)
class Operation:
    sign: str
    left: Node
    right: Node
    is_single: bool = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "is_single", self.sign not in ("//", "and", "or") and self.left.is_single and self.right.is_single
        )


@dataclass(frozen=True, slots=True)
class Assignment:
    sign: str
    target: Node
    value: Node
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class If:
    condition: Node
    then: Node
    otherwise: Node
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Variable:
    name: str

    is_single: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Binding:
    """`source as pattern | body`, with other patterns to try after `?//`."""

    source: Node
    patterns: tuple[Pattern, ...]
    body: Node
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Reduce:
    source: Node
    pattern: Pattern
    start: Node
    update: Node
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Foreach:
    source: Node
    pattern: Pattern
    start: Node
    update: Node
    extract: Node | None
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Label:
    name: str
    body: Node
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Break:
    name: str
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Definition:
    name: str
    parameters: tuple[str, ...]
    body: Node
    rest: Node
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Node, ...]
    is_single: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class ListPattern:
    items: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class MapPattern:
    """Each entry: the variable that takes the value whole, the key, and what the value is taken apart by."""

    entries: tuple[tuple[str | None, Node, Pattern | None], ...]


Pattern = str | ListPattern | MapPattern
Node = (
    Identity
    | Everything
    | Literal
    | Text
    | Format
    | Index
    | Slice
    | Each
    | Optional
    | Try
    | Array
    | Object
    | Pipe
    | Comma
    | Negation
    | Operation
    | Assignment
    | If
    | Variable
    | Binding
    | Reduce
    | Foreach
    | Label
    | Break
    | Definition
    | Call
)
