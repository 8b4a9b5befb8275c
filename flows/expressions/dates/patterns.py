"""Date patterns such as `yyyy-MM-dd'T'HH:mm:ssXXX`, cut into fields and literal text."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from flows.expressions.errors import ArgumentError

MAX_PATTERN = 200
MAX_COUNT = 19
LETTERS = "GuyDMLQqYwWEecFdgaBhKkHmsSAnNVvzOXxZp"


@dataclass(frozen=True, slots=True)
class Field:
    """A letter and how often it stands in a row; `pad` is the width that `p` asks for."""

    letter: str
    count: int
    pad: int = 0


@dataclass(frozen=True, slots=True)
class Optional:
    """What stands in `[]`: left out of a text that does not have it."""

    parts: tuple[Part, ...]


Part = Field | str | Optional


@lru_cache(maxsize=512)
def parse_pattern(pattern: str) -> tuple[Part, ...]:
    """Raises `ArgumentError` for a pattern that is none."""
    if len(pattern) > MAX_PATTERN:
        raise ArgumentError(f"A date pattern has at most {MAX_PATTERN} characters")
    return _Reader(pattern).read()


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0
        self.open: list[list[Part]] = [[]]

    def read(self) -> tuple[Part, ...]:
        while self.position < len(self.pattern):
            self._part(self.pattern[self.position])
        while len(self.open) > 1:
            self._close()
        return tuple(self.open[0])

    def _part(self, sign: str) -> None:
        if sign == "'":
            self.open[-1].append(self._quoted())
        elif sign == "[":
            self.open.append([])
            self.position += 1
        elif sign == "]":
            if len(self.open) == 1:
                raise self._invalid("it has a `]` without `[`")
            self._close()
            self.position += 1
        elif sign in "{}#":
            raise self._invalid(f"`{sign}` is reserved")
        elif sign.isascii() and sign.isalpha():
            self.open[-1].append(self._field(sign))
        else:
            self.open[-1].append(sign)
            self.position += 1

    def _close(self) -> None:
        parts = tuple(self.open.pop())
        if len(self.open) > 20:
            raise self._invalid("it nests too deep")
        self.open[-1].append(Optional(parts))

    def _quoted(self) -> str:
        start = self.position + 1
        text: list[str] = []
        end = self.pattern.find("'", start)
        if end == start:
            self.position = start + 1
            return "'"
        while end >= 0:
            text.append(self.pattern[start:end])
            if self.pattern[end + 1 : end + 2] != "'":
                self.position = end + 1
                return "".join(text)
            text.append("'")
            start = end + 2
            end = self.pattern.find("'", start)
        raise self._invalid("a quoted text is never closed")

    def _run(self, sign: str) -> int:
        start = self.position
        while self.pattern[self.position : self.position + 1] == sign:
            self.position += 1
        return self.position - start

    def _field(self, sign: str) -> Field:
        if sign not in LETTERS:
            raise self._invalid(f"`{sign}` is no field")
        count = self._run(sign)
        pad = 0
        if sign == "p":
            pad, sign = count, self.pattern[self.position : self.position + 1]
            if not sign or sign not in LETTERS or sign == "p":
                raise self._invalid("`p` must be followed by a field")
            count = self._run(sign)
        if count > MAX_COUNT:
            raise self._invalid(f"`{sign}` stands more than {MAX_COUNT} times")
        return Field(sign, count, pad)

    def _invalid(self, reason: str) -> ArgumentError:
        return ArgumentError(f"Invalid date pattern `{self.pattern[:60]}`: {reason}")
