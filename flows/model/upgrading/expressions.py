"""Expressions in a text: which names they reach for, by which steps, and where each stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_BLOCK = re.compile(r"\{\{(?P<print>.*?)\}\}|\{%(?P<run>.*?)%\}", re.DOTALL)
_TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|[A-Za-z_]\w*|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of an expression. Offsets are those of the whole text."""

    text: str
    start: int
    end: int

    @property
    def is_name(self) -> bool:
        return _NAME.fullmatch(self.text) is not None

    @property
    def literal(self) -> str | None:
        """The text of a quoted word."""
        return self.text[1:-1] if self.text[0] in "'\"" and len(self.text) > 1 else None


@dataclass(slots=True)
class Step:
    """`.name`, or `[...]` with what stands inside."""

    start: int
    end: int
    name: str | None = None
    inside: list[Token] = field(default_factory=list)

    @property
    def key(self) -> str | None:
        """What it asks for, when that is written out."""
        if self.name is not None:
            return self.name
        return self.inside[0].literal if len(self.inside) == 1 else None


@dataclass(slots=True)
class Reference:
    """A name that stands for a variable, and the steps from there."""

    name: str
    start: int
    end: int
    steps: list[Step] = field(default_factory=list)

    def keys(self) -> list[str | None]:
        return [step.key for step in self.steps]


@dataclass(frozen=True, slots=True)
class Call:
    """A function with one argument; `start` and `end` hold its name and its parentheses."""

    name: str
    start: int
    end: int
    inside: list[Token]


def blocks(text: str) -> Iterator[list[Token]]:
    """The words of each expression in a text, without the white space."""
    for found in _BLOCK.finditer(text):
        group = "print" if found["print"] is not None else "run"
        start = found.start(group)
        tokens = [Token(word[0], start + word.start(), start + word.end()) for word in _TOKEN.finditer(found[group])]
        yield [token for token in tokens if not token.text.isspace()]


def references(tokens: list[Token]) -> Iterator[Reference]:
    """The variables of an expression, those inside the steps of others too. Functions and filters are none."""
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if not token.is_name or _is_step_or_filter(tokens, position) or _text(tokens, position + 1) == "(":
            position += 1
            continue
        reference = Reference(token.text, token.start, token.end)
        position = _follow(tokens, position + 1, reference)
        yield reference
        for step in reference.steps:
            yield from references(step.inside)


def _is_step_or_filter(tokens: list[Token], position: int) -> bool:
    return _text(tokens, position - 1) in (".", "|") if position else False


def _text(tokens: list[Token], position: int) -> str:
    return tokens[position].text if 0 <= position < len(tokens) else ""


def _follow(tokens: list[Token], position: int, reference: Reference) -> int:
    """Take the steps behind a name; the position behind them."""
    while position < len(tokens):
        if tokens[position].text == "." and _is_name(tokens, position + 1):
            name = tokens[position + 1]
            reference.steps.append(Step(tokens[position].start, name.end, name.text))
            position += 2
        elif tokens[position].text == "[":
            close = closing(tokens, position)
            inside = tokens[position + 1 : close]
            end = tokens[close].end if close < len(tokens) else tokens[-1].end
            reference.steps.append(Step(tokens[position].start, end, None, inside))
            position = close + 1
        else:
            break
        reference.end = reference.steps[-1].end
    return position


def _is_name(tokens: list[Token], position: int) -> bool:
    return position < len(tokens) and (tokens[position].is_name or tokens[position].text.isdigit())


def closing(tokens: list[Token], position: int) -> int:
    """Where the bracket that opens here is closed; behind the end when it never is."""
    depth = 0
    for place in range(position, len(tokens)):
        if tokens[place].text in "([{":
            depth += 1
        elif tokens[place].text in ")]}":
            depth -= 1
            if depth == 0:
                return place
    return len(tokens)


def calls(tokens: list[Token], name: str) -> Iterator[Call]:
    """The calls of a function."""
    for position, token in enumerate(tokens):
        if token.text == name and _text(tokens, position + 1) == "(":
            close = closing(tokens, position + 1)
            end = tokens[close].end if close < len(tokens) else tokens[-1].end
            yield Call(name, token.start, end, tokens[position + 2 : close])
