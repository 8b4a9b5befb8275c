"""Cut a jq program into tokens; a text knows the programs that stand inside it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flows.expressions.jq.errors import JqSyntaxError

MAX_TOKENS = 20_000
MAX_NESTED_TEXTS = 20
TOKEN = re.compile(
    r"""(?P<space>(?:\s|\#[^\n]*)+)
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
    |(?P<field>\.[A-Za-z_]\w*)
    |(?P<variable>\$\s*(?:__loc__|(?:[A-Za-z_]\w*::)*[A-Za-z_]\w*))
    |(?P<format>@[A-Za-z0-9_]+)
    |(?P<name>(?:[A-Za-z_]\w*::)*[A-Za-z_]\w*)
    |(?P<sign>\?//|//=|\|=|\+=|-=|\*=|/=|%=|==|!=|<=|>=|//|\.\.|[-+*/%|,.\[\](){}:;=<>?])""",
    re.VERBOSE | re.ASCII,
)
ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|(["\\/bfnrt]))')
ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
PLAIN = re.compile(r'[^"\\]+')


@dataclass(frozen=True, slots=True)
class Token:
    """`parts` are those of a text: plain pieces, and the tokens of programs between them."""

    kind: str
    value: str
    parts: tuple[str | tuple[Token, ...], ...] = ()


def tokens(program: str) -> tuple[Token, ...]:
    """Raises `JqSyntaxError`."""
    found, position = _Lexer(program).run(0, 0)
    if position < len(program):
        raise JqSyntaxError("a `)` closes nothing")
    return found


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.count = 0

    def run(self, position: int, nesting: int) -> tuple[tuple[Token, ...], int]:
        """Tokens up to the end, or inside a text up to the `)` that closes its program."""
        found: list[Token] = []
        depth = 0
        while position < len(self.text):
            if self.text[position] == '"':
                token, position = self._text(position, nesting)
                found.append(token)
                continue
            match = TOKEN.match(self.text, position)
            if match is None:
                raise JqSyntaxError(f"`{self.text[position : position + 20]}` was not expected")
            depth += {"(": 1, ")": -1}.get(match.group(), 0)
            if depth < 0:
                return tuple(found), position
            position = match.end()
            if match.lastgroup != "space":
                found.append(Token(str(match.lastgroup), match.group()))
                self._bound()
        return tuple(found), position

    def _bound(self) -> None:
        self.count += 1
        if self.count > MAX_TOKENS:
            raise JqSyntaxError(f"a program has at most {MAX_TOKENS} parts")

    def _text(self, position: int, nesting: int) -> tuple[Token, int]:
        if nesting > MAX_NESTED_TEXTS:
            raise JqSyntaxError("texts nest too deep")
        parts: list[str | tuple[Token, ...]] = []
        position += 1
        while position < len(self.text) and self.text[position] != '"':
            if self.text.startswith("\\(", position):
                inner, position = self.run(position + 2, nesting + 1)
                parts.append(inner)
                position += 1
            else:
                piece, position = self._piece(position)
                parts.append(piece)
            self._bound()
        if position >= len(self.text):
            raise JqSyntaxError("a text is never closed")
        return Token("text", "", tuple(parts)), position + 1

    def _piece(self, position: int) -> tuple[str, int]:
        plain = PLAIN.match(self.text, position)
        if plain is not None:
            return plain.group(), plain.end()
        escape = ESCAPE.match(self.text, position)
        if escape is None:
            raise JqSyntaxError("a backslash in a text says nothing")
        if escape[2]:
            return ESCAPES.get(escape[2], escape[2]), escape.end()
        code = int(escape[1], 16)
        low = ESCAPE.match(self.text, escape.end())
        if 0xD800 <= code < 0xDC00 and low is not None and low[1] and 0xDC00 <= int(low[1], 16) < 0xE000:
            return chr(0x10000 + ((code - 0xD800) << 10) + int(low[1], 16) - 0xDC00), low.end()
        return chr(code) if not 0xD800 <= code < 0xE000 else "\ufffd", escape.end()
