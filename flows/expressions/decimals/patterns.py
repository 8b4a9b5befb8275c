"""Patterns of numbers like `#,##0.00`, `00.#%;(#)` or `##0.###E0`, read as Java's DecimalFormat reads them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from flows.expressions.errors import ArgumentError

MAX_PATTERN = 200
MOST_DIGITS = 340
MULTIPLIERS = {"%": 100, "‰": 1000}
NUMBER_SIGNS = "#0,."


@dataclass(frozen=True, slots=True)
class Pattern:
    """What stands around a number, and how many digits it shows."""

    positive: tuple[str, str]
    negative: tuple[str, str]
    multiplier: int
    least_whole: int
    most_whole: int
    least_fraction: int
    most_fraction: int
    group: int
    exponent_digits: int
    always_point: bool


@lru_cache(maxsize=256)
def parse_pattern(pattern: str) -> Pattern:
    """Raises `ArgumentError` for a pattern that is none."""
    if len(pattern) > MAX_PATTERN:
        raise ArgumentError(f"A number pattern has at most {MAX_PATTERN} characters")
    reader = _Reader(pattern)
    prefix = reader.affix()
    digits, suffix = reader.number()
    positive = (prefix, suffix)
    negative = reader.negative() if reader.take(";") else None
    if not reader.at_end():
        raise reader.malformed()
    if negative is None or negative == positive:
        negative = ("-" + positive[0], positive[1])
    return digits.pattern(positive, negative, reader.multiplier, malformed=reader.malformed())


@dataclass(slots=True)
class _Digits:
    """The signs of the number part, counted: `#` on the left, `0`, `#` on the right."""

    left: int = 0
    zeros: int = 0
    right: int = 0
    point: int = -1
    group: int = -1
    exponent: int = 0

    def pattern(
        self, positive: tuple[str, str], negative: tuple[str, str], multiplier: int, *, malformed: ArgumentError
    ) -> Pattern:
        self._settle()
        total = self.left + self.zeros + self.right
        point = self.point
        is_outside = self.right > 0 if point < 0 else not self.left <= point <= self.left + self.zeros
        if is_outside or self.group == 0:
            raise malformed
        least_whole = (point if point >= 0 else total) - self.left
        nothing = total == 0 and point < 0
        return Pattern(
            positive,
            negative,
            multiplier,
            least_whole,
            self.left + least_whole if self.exponent else MOST_DIGITS,
            self.left + self.zeros - point if point >= 0 else 0,
            total - point if point >= 0 else MOST_DIGITS if nothing else 0,
            max(self.group, 0),
            self.exponent,
            point == 0 or (point == total and point >= 0),
        )

    def _settle(self) -> None:
        """`###.##`, `###.` and `.###` show one digit before the point, or after it when nothing stands before."""
        if self.zeros == 0 and self.left > 0 and self.point >= 0:
            first = self.point or 1
            self.right, self.left, self.zeros = self.left - first, first - 1, 1


class _Reader:
    def __init__(self, pattern: str) -> None:
        self.text = pattern
        self.place = 0
        self.multiplier = 1

    def malformed(self) -> ArgumentError:
        return ArgumentError(f"Malformed number pattern `{self.text}`")

    def at_end(self) -> bool:
        return self.place >= len(self.text)

    def take(self, sign: str) -> bool:
        found = self.text.startswith(sign, self.place)
        self.place += len(sign) * found
        return found

    def affix(self) -> str:
        """The text before or after the number, with its quotes taken away and its special signs replaced."""
        pieces: list[str] = []
        while not self.at_end():
            sign = self.text[self.place]
            if sign == "'":
                pieces.append(self._quoted())
            elif sign in NUMBER_SIGNS or sign == ";":
                break
            elif sign == "¤":
                pieces.append("USD" if self.take("¤¤") else "$")
                self.place += pieces[-1] == "$"
            else:
                self.multiplier = self._multiplied(sign)
                pieces.append(sign)
                self.place += 1
        return "".join(pieces)

    def _multiplied(self, sign: str) -> int:
        if sign not in MULTIPLIERS:
            return self.multiplier
        if self.multiplier not in (1, MULTIPLIERS[sign]):
            raise self.malformed()
        return MULTIPLIERS[sign]

    def _quoted(self) -> str:
        """What stands between two quotes; two of them in a row are one."""
        if self.take("''"):
            return "'"
        end = self.text.find("'", self.place + 1)
        if end < 0:
            raise self.malformed()
        quoted = self.text[self.place + 1 : end]
        self.place = end + 1
        return quoted + "'" * self.text.startswith("'", self.place)

    def number(self) -> tuple[_Digits, str]:
        """The digits, which a suffix may interrupt, and that suffix."""
        found, suffix = _Digits(), ""
        while not self.at_end() and self.text[self.place] != ";":
            self._more_digits(found)
            suffix += self.affix()
        return found, suffix

    def _more_digits(self, found: _Digits) -> None:
        while not self.at_end():
            sign = self.text[self.place]
            if sign == "E":
                self._exponent(found)
                break
            if sign not in NUMBER_SIGNS:
                break
            self._count(found, sign)
            self.place += 1

    def _count(self, found: _Digits, sign: str) -> None:
        if sign == ",":
            found.group = 0
        elif sign == ".":
            if found.point >= 0:
                raise self.malformed()
            found.point = found.left + found.zeros + found.right
        else:
            if sign == "0" and found.right:
                raise self.malformed()
            found.zeros += sign == "0"
            found.right += sign == "#" and found.zeros > 0
            found.left += sign == "#" and found.zeros == 0
            found.group += found.group >= 0 and found.point < 0

    def _exponent(self, found: _Digits) -> None:
        self.place += 1
        if found.exponent:
            raise self.malformed()
        while self.take("0"):
            found.exponent += 1
        if not found.exponent or found.left + found.zeros < 1:
            raise self.malformed()

    def negative(self) -> tuple[str, str]:
        """What stands around a negative number; its digits are those of the positive one."""
        multiplier = self.multiplier
        prefix = self.affix()
        _, suffix = self.number()
        self.multiplier = multiplier
        return prefix, suffix
