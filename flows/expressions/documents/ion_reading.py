"""Read Ion text within bounds."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, date
from decimal import Decimal, InvalidOperation
from typing import Any

from flows.expressions.dates.reading import moment_of
from flows.expressions.errors import EvaluationError, ExpressionError, ExpressionLimitError
from flows.expressions.limits import Run
from flows.expressions.numbers import bounded
from flows.expressions.taint import plain_text

TOKEN = re.compile(
    r"""(?P<space>(?:\s|//[^\n]*|/\*.*?\*/)+)
    |(?P<long>'''(?:[^'\\]|\\.|'(?!''))*''')
    |(?P<text>"(?:[^"\\]|\\.)*")
    |(?P<quoted>'(?:[^'\\]|\\.)*')
    |(?P<moment>\d{4}-\d{2}-\d{2}(?:T[\d:.]*(?:Z|[+-]\d{2}:\d{2})?)?|\d{4}(?:-\d{2})?T)
    |(?P<number>[-+]?(?:inf\b|(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eEdD][-+]?\d+)?)))
    |(?P<blob>\{\{[^}]*\}\})
    |(?P<symbol>null\.\w+|[A-Za-z_$][\w$]*)
    |(?P<sign>::|[\[\]{}(),:])""",
    re.VERBOSE | re.DOTALL,
)
ESCAPED = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(\r\n|.))", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "a": "\a", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
CONSTANTS = {"null": None, "true": True, "false": False, "nan": float("nan")}
CLOSING = {"[": "]", "(": ")", "{": "}"}
MAX_DIGITS = 1000


def read(run: Run, text: str, *, only_first: bool = False) -> list[Any]:
    """The values that a text holds, one after the other; raises `EvaluationError`."""
    run.room_for(len(text))
    reader = _Reader(run, plain_text(text))
    values: list[Any] = []
    while reader.kind and not (only_first and values):
        values.append(reader.value())
        run.room_for_items(len(values))
    return values


class _Reader:
    def __init__(self, run: Run, text: str) -> None:
        self.run = run
        self.text = text
        self.position = 0
        self.kind = ""
        self.token = ""
        self.depth = 0
        self.next()

    def next(self) -> None:
        """Move to the next token; an empty kind is the end."""
        self.kind = "space"
        while self.kind == "space":
            self.run.step()
            if self.position >= len(self.text):
                self.kind = self.token = ""
                return
            match = TOKEN.match(self.text, self.position)
            if match is None:
                self.fail()
            else:
                self.position, self.kind, self.token = match.end(), match.lastgroup or "", match.group()

    def fail(self) -> None:
        line = self.text.count("\n", 0, self.position) + 1
        raise EvaluationError(f"Invalid Ion at line {line}")

    def value(self) -> Any:
        self.depth += 1
        if self.depth > self.run.limits.depth // 2:
            raise ExpressionLimitError(f"The Ion nests deeper than {self.run.limits.depth // 2} levels")
        found = self._annotated()
        self.depth -= 1
        return found

    def _annotated(self) -> Any:
        while self.kind in ("symbol", "quoted"):
            name, kind = self.token, self.kind
            self.next()
            if not self._take("::"):
                return _unescaped(name[1:-1]) if kind == "quoted" else self._word(name)
        if self.kind == "sign" and self.token in CLOSING:
            return self._struct() if self.token == "{" else self._sequence()
        return self._scalar()

    @staticmethod
    def _word(name: str) -> Any:
        return None if name.startswith("null.") else CONSTANTS.get(name, name)

    def _take(self, sign: str) -> bool:
        found = self.kind == "sign" and self.token == sign
        if found:
            self.next()
        return found

    def _scalar(self) -> Any:
        kind, token = self.kind, self.token
        if kind == "long":
            return self._long_text()
        self.next()
        if kind == "text":
            return _unescaped(token[1:-1])
        if kind == "number":
            return _number(token)
        if kind == "moment":
            return _moment(token)
        if kind == "blob":
            return _blob(token[2:-2].strip())
        return self.fail()

    def _long_text(self) -> str:
        pieces: list[str] = []
        while self.kind == "long":
            pieces.append(_unescaped(self.token[3:-3]))
            self.next()
        return "".join(pieces)

    def _sequence(self) -> list[Any]:
        closing = CLOSING[self.token]
        self.next()
        items: list[Any] = []
        while not self._take(closing):
            items.append(self.value())
            self.run.room_for_items(len(items))
            if not self._take(",") and closing == "]" and self.token != "]":
                self.fail()
        return items

    def _struct(self) -> dict[str, Any]:
        self.next()
        fields: dict[str, Any] = {}
        while not self._take("}"):
            name = self._field_name()
            fields[name] = self.value()
            if not self._take(",") and self.token != "}":
                self.fail()
        return fields

    def _field_name(self) -> str:
        kind, token = self.kind, self.token
        self.next()
        if kind == "symbol":
            name = token
        elif kind in ("quoted", "text"):
            name = _unescaped(token[1:-1])
        else:
            self.fail()
        if not self._take(":"):
            self.fail()
        return name


def _unescaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match.group(1) or match.group(2) or match.group(3)
        if code:
            return chr(int(code, 16)) if int(code, 16) < 0x110000 else "\ufffd"
        return ESCAPES.get(match.group(4), match.group(4))

    return ESCAPED.sub(one, text)


def _number(token: str) -> Any:
    text = token.replace("_", "")
    if len(text) > MAX_DIGITS:
        raise EvaluationError(f"A number has at most {MAX_DIGITS} digits")
    if text.endswith("inf"):
        return float(text)
    try:
        if text.lstrip("+-")[:2].lower() in ("0x", "0b"):
            return int(text, 0)
        if "d" in text.lower() or ("." in text and "e" not in text.lower()):
            return bounded(Decimal(text.lower().replace("d", "e")))
        return float(text) if "e" in text.lower() else int(text)
    except (ValueError, InvalidOperation):
        raise EvaluationError(f"Invalid Ion number `{token[:40]}`") from None


def _moment(token: str) -> Any:
    """A timestamp; one that gives a day alone, or less, is a date."""
    day, _, clock = token.partition("T")
    try:
        return moment_of(token, UTC) if clock else date.fromisoformat((day + "-01-01")[:10])
    except (ExpressionError, ValueError):
        raise EvaluationError(f"Invalid Ion timestamp `{token[:40]}`") from None


def _blob(content: str) -> str:
    if content.startswith('"'):
        return _unescaped(content.strip('"'))
    try:
        return base64.b64decode(re.sub(r"\s", "", content), validate=True).decode("utf-8", "replace")
    except binascii.Error:
        raise EvaluationError("Invalid Base64 in an Ion blob") from None
