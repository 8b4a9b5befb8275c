"""Cutting a stream of bytes into lines, however long they are and wherever the chunks end."""

from __future__ import annotations

import re
from collections.abc import Callable

MAX_LINE_BYTES = 1 << 20
"""A longer line is cut here and says how much is missing."""
_END = re.compile(rb"\r\n|\n|\r")


class LineSplitter:
    """Feed it chunks; it calls back once a line, as text, with how many bytes of it are missing.

    A carriage return ends a line as a newline does, so that a progress bar is seen while it moves; both together are
    one end. Memory stays below one line of the largest size.
    """

    __slots__ = ("_dropped", "_has_returned", "_on_line", "_parts", "_size")

    def __init__(self, on_line: Callable[[str, int], None]) -> None:
        self._on_line = on_line
        self._parts: list[bytes] = []
        self._size = 0
        self._dropped = 0
        self._has_returned = False

    def feed(self, chunk: bytes) -> None:
        if self._has_returned and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._has_returned = False
        *whole, rest = _END.split(chunk)
        for piece in whole:
            self._keep(piece)
            self._emit()
        self._keep(rest)
        # The other half of this end may come with the next chunk.
        self._has_returned = chunk.endswith(b"\r") if chunk else self._has_returned

    def close(self) -> None:
        """The stream has ended: what is left without a newline is a line too."""
        if self._parts:
            self._emit()

    def _keep(self, piece: bytes) -> None:
        room = MAX_LINE_BYTES - self._size
        kept = piece[:room]
        self._dropped += len(piece) - len(kept)
        if kept:
            self._parts.append(kept)
            self._size += len(kept)

    def _emit(self) -> None:
        text = b"".join(self._parts).decode("utf-8", "replace")
        dropped = self._dropped
        self._parts, self._size, self._dropped = [], 0, 0
        self._on_line(text, dropped)
