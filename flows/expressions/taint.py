"""Values that come from secrets stay recognisable, however an expression transforms them.

What is promised: a text or number that an operator, filter, function, macro, block, loop or nested rendering
computes from a tainted one is tainted itself; joining texts keeps exact spans, any other transformation taints
the whole result. What is not: booleans, null, the length and the class of a value carry nothing, neither does
the choice between two values that a condition on a secret makes, and neither does what an outside function
(`http`, `kv`, `read` ...) answers when a secret was among its arguments. Python code outside the language sees
ordinary `str`, `int`, `float` and `Decimal` values and loses the mark as soon as it computes with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flows.expressions.numbers import Float32, number_text

MASK = "******"

Span = tuple[int, int]


class TaintedText(str):
    """A text of which some parts are secret."""

    __slots__ = ("spans",)

    spans: tuple[Span, ...]

    def __new__(cls, text: str, spans: tuple[Span, ...] | None = None) -> TaintedText:
        self = super().__new__(cls, text)
        self.spans = spans if spans is not None else ((0, len(text)),)
        return self

    def __reduce__(self) -> tuple[type[TaintedText], tuple[str, tuple[Span, ...]]]:
        return (TaintedText, (str.__str__(self), self.spans))


class TaintedInt(int):
    """A whole number computed from a secret."""


class TaintedFloat(float):
    """A float computed from a secret."""


class TaintedFloat32(Float32):
    """A 32-bit float computed from a secret."""


class TaintedDecimal(Decimal):
    """An exact number computed from a secret."""


TAINTED_NUMBERS = (TaintedInt, TaintedFloat, TaintedFloat32, TaintedDecimal)
TAINTED = (TaintedText, *TAINTED_NUMBERS)


def taint(value: Any) -> Any:
    """The same value, tainted in every text and number it holds; the caller bounds its size."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return TaintedText(str.__str__(value))
    if isinstance(value, int):
        return TaintedInt(value)
    if isinstance(value, Float32):
        return TaintedFloat32(value)
    if isinstance(value, float):
        return TaintedFloat(value)
    if isinstance(value, Decimal):
        return TaintedDecimal(value)
    if isinstance(value, Mapping):
        return {taint(key): taint(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [taint(each) for each in value]
    return value


def is_tainted(value: Any) -> bool:
    """Whether the value itself, or anything in it, is tainted."""
    if isinstance(value, TAINTED):
        return True
    if isinstance(value, Mapping):
        return any(is_tainted(key) or is_tainted(each) for key, each in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return any(is_tainted(each) for each in value)
    return False


def plain_text(text: str) -> str:
    """The text as an ordinary `str`, without its marks."""
    return str.__str__(text)


def join(parts: Sequence[str]) -> str:
    """Join texts; the result remembers which of its characters are secret."""
    text = "".join(parts)
    if not any(type(part) is TaintedText for part in parts):
        return text
    spans: list[Span] = []
    position = 0
    for part in parts:
        if isinstance(part, TaintedText):
            spans.extend((position + start, position + end) for start, end in part.spans)
        position += len(part)
    return TaintedText(text, tuple(spans))


def secrets_in(value: Any) -> set[str]:
    """The secret fragments of a rendered value, as they now stand, for whoever masks what is printed later."""
    return {fragment for fragment in _fragments(value) if fragment}


def _fragments(value: Any) -> Iterator[str]:
    if isinstance(value, TaintedText):
        for start, end in value.spans:
            yield plain_text(value)[start:end]
    elif isinstance(value, TAINTED_NUMBERS):
        yield number_text(value)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _fragments(key)
            yield from _fragments(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _fragments(each)


def masked(text: str) -> str:
    """The text with each secret part replaced by asterisks."""
    if not isinstance(text, TaintedText):
        return text
    plain = plain_text(text)
    pieces: list[str] = []
    position = 0
    for start, end in text.spans:
        if start < position or start == end:
            continue
        pieces += [plain[position:start], MASK]
        position = end
    return "".join([*pieces, plain[position:]])
