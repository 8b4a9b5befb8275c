"""Write values as block YAML: lists indented by one, quotes only where a text would not be read as one at all."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from flows.expressions.dates.spelling import duration_seconds, moment_json
from flows.expressions.documents.yaml_scalars import FALSE, NULLS, TRUE
from flows.expressions.limits import Run
from flows.expressions.numbers import bounded, is_number, number_text
from flows.expressions.taint import plain_text
from flows.expressions.text import text_of

VALUE_STEPS = 8
RESERVED = TRUE | FALSE | NULLS - {""} | set("nNyY")
BRACKETED = re.compile(r"[\[\]{},]|(?:^|(?<=[ \t]))#|:(?:[ \t]|$)")
INDICATOR = re.compile(r"---|\.\.\.|[#,\[\]{}&*!|>'\"%@`]|[?:-](?:\s|$)")
LEADING_ZERO = re.compile(r"0[0-9_]+")
NUMBER_NAME = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)|0[xX][0-9a-fA-F_]+", re.ASCII)
UNPRINTABLE = re.compile("[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
ESCAPES = {
    "\0": "0",
    "\a": "a",
    "\b": "b",
    "\t": "t",
    "\n": "n",
    "\v": "v",
    "\f": "f",
    "\r": "r",
    "\x1b": "e",
    '"': '"',
    "\\": "\\",
    "\x85": "N",
    "\xa0": "_",
    "\u2028": "L",
    "\u2029": "P",
}
ESCAPED = re.compile('["\\\\\n]|' + UNPRINTABLE.pattern)


def write(run: Run, value: Any) -> str:
    """Keys in their order, a newline at the end."""
    count = run.measure(value)
    run.room_for(count)
    run.step(count * VALUE_STEPS)
    if value is None:
        return "null"
    if value == "" and isinstance(value, str):
        return '--- ""\n'
    pieces: list[str] = []
    total = 0
    for piece in _container(value, 0, run) if _is_container(value) else (_scalar(value, 0, run) + "\n",):
        total += len(piece)
        run.room_for(total)
        pieces.append(piece)
    return run.made_text("".join(pieces))


def _is_container(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple | set | frozenset) and bool(value)


def _container(value: Any, indent: int, run: Run) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield " " * indent + _name(key, run) + ":"
            yield from _after(each, indent + 2 * isinstance(each, Mapping), indent, run)
    else:
        for each in value:
            yield " " * (indent + 1) + "-"
            yield from _after(each, indent + 2, indent, run)


def _after(value: Any, inner: int, outer: int, run: Run) -> Iterator[str]:
    """What follows a key or a dash: a scalar on the same line, anything else below."""
    if _is_container(value):
        yield "\n"
        yield from _container(value, inner, run)
    else:
        yield f" {_scalar(value, outer, run)}\n"


def _name(key: Any, run: Run) -> str:
    text = "null" if key is None else plain_text(text_of(key, run))
    if text in RESERVED or NUMBER_NAME.fullmatch(text):
        return _double(text)
    return _unquoted(text) or (_single(text) if _fits_single(text) and "\n" not in text else _double(text))


def _scalar(value: Any, indent: int, run: Run) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if is_number(value):
        return number_text(bounded(value))
    if isinstance(value, timedelta):
        return duration_seconds(value)
    if isinstance(value, Mapping | list | tuple | set | frozenset):
        return "{}" if isinstance(value, Mapping) else "[]"
    return _text(_words(value, run), indent)


def _words(value: Any, run: Run) -> str:
    if isinstance(value, datetime):
        return moment_json(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, date | time) else plain_text(text_of(value, run))


def _text(text: str, indent: int) -> str:
    if text == "" or text in RESERVED:
        return _double(text)
    if "\n" in text:
        return _block(text, indent) if _fits_block(text) else _double(text)
    if BRACKETED.search(text):
        return _double(text)
    return _unquoted(text) or (_single(text) if _fits_single(text) else _double(text))


def _unquoted(text: str) -> str | None:
    """The text itself, where that is read as a text."""
    is_odd = INDICATOR.match(text) or ": " in text or " #" in text or LEADING_ZERO.fullmatch(text)
    is_bare = text.strip(" ") != text or "\n" in text or UNPRINTABLE.search(text) or text.endswith(":")
    return None if not text or is_odd or is_bare else text


def _fits_single(text: str) -> bool:
    return bool(text) and not UNPRINTABLE.search(text)


def _single(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _double(text: str) -> str:
    return '"' + ESCAPED.sub(_escaped, text) + '"'


def _escaped(match: re.Match[str]) -> str:
    sign = match.group()
    if sign in ESCAPES:
        return "\\" + ESCAPES[sign]
    code = ord(sign)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _fits_block(text: str) -> bool:
    return " \n" not in text and not text.endswith(" ") and not UNPRINTABLE.search(text)


def _block(text: str, indent: int) -> str:
    """Several lines, with what stands at their end: no newline, one, or all that there are."""
    hint = "2" if text[0] in " \n" else ""
    chomping = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") or text == "\n" else ""
    margin = " " * (indent + 2)
    lines = text.removesuffix("\n").split("\n")
    return f"|{hint}{chomping}\n" + "\n".join(margin + line if line else "" for line in lines)
