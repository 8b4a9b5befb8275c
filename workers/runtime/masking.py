"""Hiding the values of secrets in whatever a task prints, however they were written down."""

from __future__ import annotations

import base64
import html
import json
import threading
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import re2

MASK = "******"
_PERCENTS = re2.compile("%[0-9A-F]{2}|[^%]+").findall
MIN_LENGTH = 4
"""Shorter values are not hidden: they would hide half of every line."""
MIN_LINE_LENGTH = 8
"""Lines of a value with several lines are hidden one by one from this length on."""
LONGEST_IN_ANY_CASE = 2048
"""Bytes of a value whose hexadecimal is hidden in mixed case."""
LINE_WIDTHS = (76, 64)
"""At which `base64`, mail and PEM break base64 into lines."""


def spellings(value: str) -> Iterator[str]:
    """A value as it may appear, in the forms that stay as they are written: eight with those of `any_case`.

    Itself; base64, at each of the three offsets it can have inside a longer text, in both alphabets, and broken into
    the lines that common tools break it into; JSON text; URL encoding; quoting for a shell or a language; and the lines
    of a value that has several.
    """
    yield value
    yield from _quoted(value)
    yield quote(value, safe="")
    yield quote(value)
    yield quote_plus(value)
    raw = value.encode()
    for text in _base64_forms(raw):
        yield text
        yield text.replace("+", "-").replace("/", "_")
    if "\n" in value:
        yield from (line.strip() for line in value.splitlines() if len(line.strip()) >= MIN_LINE_LENGTH)


def any_case(value: str) -> Iterator[str]:
    """Patterns of the forms in which small and capital letters mean the same: hexadecimal, in one and byte by byte, and
    the codes of URL encoding. Of a very long value in one case or the other, which costs far less to look for."""
    raw = value.encode()
    if len(raw) > LONGEST_IN_ANY_CASE:
        yield from (raw.hex(), raw.hex().upper())
        return
    for separator in ("", " ", ":"):
        yield f"(?i:{re2.escape(raw.hex(separator) if separator else raw.hex())})"
    encoded = quote(value, safe="")
    if "%" in encoded:
        parts = _PERCENTS(encoded)
        yield "".join(f"(?i:{re2.escape(each)})" if each[0] == "%" else re2.escape(each) for each in parts)


def _quoted(value: str) -> Iterator[str]:
    """Between quotes of JSON, of a shell, of Python, of XML."""
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield value.replace("'", "'\\''")
    yield value.replace("'", "'\"'\"'")
    if len(value) > LONGEST_IN_ANY_CASE:
        return
    yield json.dumps(value).replace("/", "\\/")[1:-1]
    yield "".join(f"\\{each}" if each in '\\"$`' else each for each in value)
    yield repr(value)[1:-1]
    yield html.escape(value)
    yield html.escape(value, quote=False)


def _base64_forms(raw: bytes) -> Iterator[str]:
    """The part of the base64 text that depends on the value alone, at each offset of a group of three bytes."""
    whole = base64.b64encode(raw).decode().rstrip("=")
    yield whole
    for width in LINE_WIDTHS if len(raw) <= LONGEST_IN_ANY_CASE else LINE_WIDTHS[:1]:
        lines = [whole[start : start + width] for start in range(0, len(whole), width)]
        yield from (line for line in lines if len(line) >= MIN_LINE_LENGTH and len(lines) > 1)
    if len(raw) < 2 * MIN_LENGTH:
        return
    for offset in (0, 1, 2):
        usable = (offset + len(raw)) // 3 * 3 - offset
        text = base64.b64encode(b"\0" * offset + raw[:usable]).decode()
        yield text[4:] if offset else text


class Masker:
    """Knows the secrets of one job. Adding one is rare, masking a line is not."""

    __slots__ = ("_known", "_lock", "_pattern", "_texts")

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._texts: set[str] = set()
        self._pattern: Any = None
        self._lock = threading.Lock()

    def add(self, values: Iterable[str]) -> None:
        """Hide these values from now on."""
        with self._lock:
            fresh = {str(value) for value in values if len(value) >= MIN_LENGTH} - self._known
            if not fresh:
                return
            self._known |= fresh
            for value in fresh:
                self._texts.update(re2.escape(text) for text in spellings(value) if len(text) >= MIN_LENGTH)
                self._texts.update(any_case(value))
            longest_first = sorted(self._texts, key=len, reverse=True)
            options = re2.Options()
            options.max_mem = 64 << 20
            options.log_errors = False
            self._pattern = re2.compile("|".join(longest_first), options)

    @property
    def is_empty(self) -> bool:
        return self._pattern is None

    def mask(self, text: str) -> str:
        pattern = self._pattern
        return text if pattern is None else pattern.sub(MASK, text)

    def found_in(self, value: Any) -> list[str]:
        """The secrets that occur in a value, however they are spelled; all that are known when it is not certain."""
        if self._pattern is None or self.mask_deep(value) == value:
            return []
        texts = list(_texts(value))
        with self._lock:
            known = sorted(self._known)
        return [each for each in known if any(each in text for text in texts)] or known

    def mask_deep(self, value: Any) -> Any:
        """Every text of a value masked."""
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.mask(value)
        if isinstance(value, dict):
            return {self.mask_deep(key): self.mask_deep(each) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self.mask_deep(each) for each in value]
        if isinstance(value, int | float) and not isinstance(value, bool):
            masked = self.mask(str(value))
            return value if masked == str(value) else masked
        return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from (*_texts(key), *_texts(each))
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, int | float):
        yield str(value)
