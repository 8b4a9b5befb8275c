"""Rows of data as lines of Ion text: JSON, with timestamps, symbols and exact numbers besides."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, BinaryIO

from plugins.contracts import PluginError

MAX_VALUE_CHARS = 32 * 1024 * 1024
MAX_DEPTH = 200

_TOKEN = re.compile(
    r"""
    (?P<space>(?:[\s,]|//[^\n]*|/\*.*?\*/)+)
    |(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<long>(?:'''(?:[^'\\]|\\.|'(?!''))*'''\s*)+)
    |(?P<quoted>'(?:[^'\\\n]|\\.)*')
    |(?P<blob>\{\{[^{}]*\}\})
    |(?P<time>\d{4}(?:-\d\d(?:-\d\d)?)?T(?:\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?|\d{4}-\d\d-\d\d)
    |(?P<number>[+-]?(?:inf\b|nan\b|0[xX][0-9a-fA-F_]+|0[bB][01_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eEdD][+-]?\d+)?))
    |(?P<word>[A-Za-z_$][\w$]*(?:\.[a-z]+)?)
    |(?P<mark>::|[{}\[\]:()])
    """,
    re.VERBOSE | re.DOTALL,
)
_CLOCK = re.compile(r"(\d\d:\d\d(?::\d\d)?)(\.\d+)?(Z|[+-]\d\d:\d\d)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\n": ""}
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_CONSTANTS = {"true": True, "false": False, "nan": float("nan")}


def rows_of(source: BinaryIO) -> Iterator[Any]:
    """The values of a stream, one after the other. A value may go over several lines. Raises PluginError."""
    pending = ""
    for raw in source:
        line = raw.decode("utf-8", "replace")
        if not pending and not line.strip():
            continue
        text = pending + line
        try:
            yield from _values(text)
            pending = ""
        except _Unfinished:
            pending = text
            if len(pending) > MAX_VALUE_CHARS:
                raise PluginError("A value of the file is too large", retryable=False) from None
    if pending.strip():
        raise PluginError("The file ends in the middle of a value", retryable=False)


def _values(text: str) -> list[Any]:
    try:
        return [json.loads(text, parse_float=_exact)]
    except (ValueError, RecursionError):
        return _Reader(text).all()


def _exact(text: str) -> Any:
    """A number with a fraction, as a float when nothing is lost by it."""
    number = float(text)
    return number if repr(number) == text or "e" in text.lower() else Decimal(text)


class _Unfinished(Exception):
    """More lines are needed."""


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._place = 0

    def all(self) -> list[Any]:
        values = []
        while (token := self._next()) is not None:
            values.append(self._value(token, 0))
        return values

    def _next(self) -> re.Match[str] | None:
        while self._place < len(self._text):
            token = _TOKEN.match(self._text, self._place)
            if token is None:
                rest = self._text[self._place : self._place + 3]
                if rest.startswith(('"', "'", "/*", "{{")):
                    raise _Unfinished
                raise PluginError(f"This is no Ion: `{self._text[self._place : self._place + 40]}`", retryable=False)
            self._place = token.end()
            if token.lastgroup != "space":
                return token
        return None

    def _more(self) -> re.Match[str]:
        token = self._next()
        if token is None:
            raise _Unfinished
        return token

    def _value(self, token: re.Match[str], depth: int) -> Any:
        if depth > MAX_DEPTH:
            raise PluginError("A value of the file nests too deep", retryable=False)
        kind, text = token.lastgroup, token.group()
        if kind == "mark":
            return self._container(text, depth)
        value = _scalar(str(kind), text)
        return self._annotated(value, kind, depth)

    def _annotated(self, value: Any, kind: str | None, depth: int) -> Any:
        """An annotation before a value says nothing that JSON could keep."""
        if kind in ("word", "quoted") and self._text.startswith("::", self._place):
            self._place += 2
            return self._value(self._more(), depth)
        return value

    def _container(self, mark: str, depth: int) -> Any:
        if mark == "{":
            return self._struct(depth)
        if mark in "[(":
            return self._list("]" if mark == "[" else ")", depth)
        raise PluginError(f"This is no Ion: `{mark}` was not expected", retryable=False)

    def _struct(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while (token := self._more()).group() != "}":
            name = _scalar(str(token.lastgroup), token.group()) if token.lastgroup != "word" else token.group()
            if self._more().group() != ":":
                raise PluginError("This is no Ion: a field has no value", retryable=False)
            found[str(name)] = self._value(self._more(), depth + 1)
        return found

    def _list(self, end: str, depth: int) -> list[Any]:
        found = []
        while (token := self._more()).group() != end:
            found.append(self._value(token, depth + 1))
        return found


def _scalar(kind: str, text: str) -> Any:
    if kind in ("string", "quoted"):
        return _ESCAPE.sub(_unescaped, text[1:-1])
    if kind == "long":
        return _ESCAPE.sub(_unescaped, "".join(re.findall(r"'''((?:[^'\\]|\\.|'(?!''))*)'''", text, re.DOTALL)))
    if kind == "blob":
        return _blob(text[2:-2].strip())
    if kind == "time":
        return _moment(text)
    if kind == "number":
        return _number(text)
    if text == "null" or text.startswith("null."):
        return None
    return _CONSTANTS.get(text, text)


def _unescaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] in "xuU" and len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number < 0x110000 else "\ufffd"
    return _ESCAPES.get(code, code)


def _blob(text: str) -> str:
    """Bytes stay what JSON can hold: base64 text."""
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return text.strip('"')
    return "".join(text.split())


def _number(text: str) -> Any:
    plain = text.replace("_", "").lower()
    bare = plain.lstrip("+-")
    if bare.startswith(("0x", "0b")):
        return int(plain, 0)
    if bare in ("inf", "nan") or "e" in bare:
        return float(plain)
    if "." in plain or "d" in plain:
        return Decimal(plain.replace("d", "e"))
    if len(bare) > 4000:
        raise PluginError("A number of the file is too long", retryable=False)
    return int(plain)


def _moment(text: str) -> Any:
    """A timestamp; one that gives a day alone is a date."""
    if "T" not in text:
        return date.fromisoformat(text)
    head, _, clock = text.partition("T")
    head += "-01" * (2 - head.count("-"))
    if not clock:
        return datetime.fromisoformat(head).replace(tzinfo=UTC)
    whole, fraction, zone = _CLOCK.fullmatch(clock).groups()  # type: ignore[union-attr]  # the token has this very form
    return datetime.fromisoformat(f"{head}T{whole}{(fraction or '')[:7]}{zone}")


def write_rows(rows: Iterable[Any], target: BinaryIO) -> int:
    """Write each value as one line; return how many."""
    count = 0
    for row in rows:
        target.write(text_of(row).encode() + b"\n")
        count += 1
    return count


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def text_of(value: Any) -> str:
    """A value as Ion text on one line."""
    try:
        return _encode(value)
    except (TypeError, ValueError):
        return _text_of(value)


def _text_of(value: Any) -> str:
    """The long way, for what JSON has no word for."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(key))}:{_text_of(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text_of, value)) + "]"
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return _plain_text(value)


def _plain_text(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value).replace("E", "d") if value.is_finite() else "null"
    if isinstance(value, float) and value != value:
        return "nan"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return "+inf" if value > 0 else "-inf"
    if isinstance(value, bytes | bytearray | memoryview):
        return "{{" + base64.b64encode(bytes(value)).decode() + "}}"
    if isinstance(value, time):
        return json.dumps(value.isoformat())
    if isinstance(value, timedelta):
        return json.dumps(f"PT{value.total_seconds():g}S")
    if value is None or isinstance(value, str | bool | int | float):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(str(value), ensure_ascii=False)
