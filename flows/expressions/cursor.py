"""Walk over the tokens of a template, with one place where reading can fail and nesting is bounded."""

from __future__ import annotations

from typing import NoReturn

from flows.expressions.errors import ExpressionSyntaxError
from flows.expressions.lexer import Kind, Token, place, tokens

MAX_NESTING = 80


class Cursor:
    def __init__(self, source: str) -> None:
        self.source = source
        self._tokens = tokens(source)
        self._index = 0
        self._nesting = 0
        self._line = 1
        self._line_at = 0

    @property
    def current(self) -> Token:
        return self._tokens[self._index]

    @property
    def following(self) -> Token:
        return self._tokens[min(self._index + 1, len(self._tokens) - 1)]

    @property
    def line(self) -> int:
        """The line of the current token; cheap because the cursor only ever moves forward."""
        position = self.current.position
        self._line += self.source.count("\n", self._line_at, position)
        self._line_at = position
        return self._line

    def next(self) -> Token:
        token = self.current
        if self._index < len(self._tokens) - 1:
            self._index += 1
        return token

    def take_sign(self, *signs: str) -> bool:
        found = self.current.is_sign(*signs)
        if found:
            self.next()
        return found

    def expect_sign(self, sign: str) -> None:
        if not self.take_sign(sign):
            self.unexpected(f"`{sign}`")

    def expect(self, kind: Kind, wanted: str) -> Token:
        if self.current.kind is not kind:
            self.unexpected(wanted)
        return self.next()

    def unexpected(self, wanted: str) -> NoReturn:
        token = self.current
        shown = token.value if len(token.value) <= 40 else token.value[:37] + "..."
        found = "the end of the template" if token.kind is Kind.END else f"`{shown.strip() or shown}`"
        self.fail(f"Expected {wanted}, found {found}", token)

    def fail(self, message: str, token: Token | None = None) -> NoReturn:
        raise ExpressionSyntaxError(message, *place(self.source, (token or self.current).position))

    def enter(self) -> None:
        """One level deeper; a failure ends the parse, so nobody needs to leave after one."""
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            self.fail(f"The expression nests deeper than {MAX_NESTING} levels")

    def leave(self) -> None:
        self._nesting -= 1
