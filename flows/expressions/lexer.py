"""Cut a template into text, `{{ }}` outputs and `{% %}` tags, and these into tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from flows.expressions.errors import ExpressionSyntaxError

MAX_SOURCE = 8 * 1024 * 1024
MAX_TOKENS = 50_000


class Kind(Enum):
    TEXT = "text"
    PRINT_OPEN = "{{"
    PRINT_CLOSE = "}}"
    TAG_OPEN = "{%"
    TAG_CLOSE = "%}"
    NAME = "name"
    NUMBER = "number"
    STRING = "string"
    SIGN = "sign"
    END = "end of the expression"


@dataclass(frozen=True, slots=True)
class Token:
    kind: Kind
    value: str
    position: int

    def is_sign(self, *signs: str) -> bool:
        return self.kind is Kind.SIGN and self.value in signs

    def is_name(self, *names: str) -> bool:
        return self.kind is Kind.NAME and self.value in names


OPEN = re.compile(r"\{\{-?|\{%-?|\{#")
RAW_TAG = re.compile(r"\{%-?\s*(raw|verbatim)\s*-?%\}")
RAW_END = {name: re.compile(r"\{%-?\s*end" + name + r"\s*-?%\}") for name in ("raw", "verbatim")}
TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>\d+(?:\.\d+)?[lL]?)
    |(?P<name>[^\W\d]\w*)
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<sign>\?\?\?|\?\?|\.\.|==|!=|>=|<=|[-+*/%|~<>()\[\]{},:.?=])""",
    re.VERBOSE | re.DOTALL,
)
BRACKETS = {")": "(", "]": "[", "}": "{"}
CLOSERS = {Kind.PRINT_OPEN: (Kind.PRINT_CLOSE, "}}"), Kind.TAG_OPEN: (Kind.TAG_CLOSE, "%}")}


def place(source: str, position: int) -> tuple[int, int]:
    """Line and column, counted from 1."""
    return source.count("\n", 0, position) + 1, position - source.rfind("\n", 0, position)


def fail(source: str, message: str, position: int) -> ExpressionSyntaxError:
    return ExpressionSyntaxError(message, *place(source, position))


def tokens(source: str) -> list[Token]:
    """All tokens of a template, ending with one of kind END; raises `ExpressionSyntaxError`."""
    if len(source) > MAX_SOURCE:
        raise ExpressionSyntaxError(f"The template is longer than {MAX_SOURCE} characters", 1, 1)
    found = list(islice(_Lexer(source).run(), MAX_TOKENS + 1))
    if len(found) > MAX_TOKENS:
        raise fail(source, f"The template has more than {MAX_TOKENS} parts", found[-1].position)
    return found


class _Lexer:
    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.trim_next = False

    def run(self) -> Iterator[Token]:
        source = self.source
        while (match := OPEN.search(source, self.position)) is not None:
            opening = match.group()
            raw = RAW_TAG.match(source, match.start())
            yield from self._text(match.start(), trim_end=opening.endswith("-") and raw is None)
            if raw is not None:
                yield from self._raw(raw)
            elif opening == "{#":
                self._comment(match.start())
            else:
                yield from self._delimited(match)
        yield from self._text(len(source), trim_end=False)
        yield Token(Kind.END, "", len(source))

    def _text(self, end: int, *, trim_end: bool) -> Iterator[Token]:
        text, start = self.source[self.position : end], self.position
        if self.trim_next:
            text = text.lstrip()
        if trim_end:
            text = text.rstrip()
        self.trim_next = False
        self.position = end
        if text:
            yield Token(Kind.TEXT, text, start)

    def _raw(self, opening: re.Match[str]) -> Iterator[Token]:
        closing = RAW_END[opening.group(1)].search(self.source, opening.end())
        if closing is None:
            raise fail(self.source, f"`{opening.group(1)}` is never closed", opening.start())
        self.position = closing.end()
        if closing.start() > opening.end():
            yield Token(Kind.TEXT, self.source[opening.end() : closing.start()], opening.end())

    def _comment(self, start: int) -> None:
        end = self.source.find("#}", start + 2)
        if end < 0:
            raise fail(self.source, "A comment is never closed", start)
        self.trim_next = self.source[end - 1] == "-" and end - 1 > start + 1
        self.position = end + 2

    def _delimited(self, opening: re.Match[str]) -> Iterator[Token]:
        kind = Kind.PRINT_OPEN if opening.group().startswith("{{") else Kind.TAG_OPEN
        yield Token(kind, opening.group(), opening.start())
        self.position = opening.end()
        brackets: list[str] = []
        while True:
            closing = None if brackets else self._closing(kind)
            if closing is not None:
                yield closing
                return
            token = self._token(opening.start())
            if token is not None:
                self._track(token, brackets)
                yield token

    def _closing(self, kind: Kind) -> Token | None:
        closer, text = CLOSERS[kind]
        start = self.position
        for spelling in (text, "-" + text):
            if self.source.startswith(spelling, start):
                self.position += len(spelling)
                self.trim_next = spelling[0] == "-"
                return Token(closer, spelling, start)
        return None

    def _token(self, opened_at: int) -> Token | None:
        match = TOKEN.match(self.source, self.position)
        if match is None:
            if self.position >= len(self.source):
                raise fail(self.source, "An expression is never closed", opened_at)
            found = self.source[self.position]
            problem = "A text is never closed" if found in "'\"" else f"Unexpected character `{found}`"
            raise fail(self.source, problem, self.position)
        start, self.position = self.position, match.end()
        group = match.lastgroup or ""
        return None if group == "space" else Token(Kind(group), match.group(), start)

    def _track(self, token: Token, brackets: list[str]) -> None:
        if token.kind is not Kind.SIGN:
            return
        if token.value in "([{":
            brackets.append(token.value)
        elif token.value in BRACKETS and (not brackets or brackets.pop() != BRACKETS[token.value]):
            raise fail(self.source, f"`{token.value}` closes nothing", token.position)
