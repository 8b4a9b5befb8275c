"""Cutting a stream of bytes into lines, however long they are and wherever the chunks end."""

from __future__ import annotations

from collections.abc import Callable

MAX_LINE_BYTES = 1 << 20
"""A longer line is cut here and says how much is missing."""


class LineSplitter:
    """Feed it chunks; it calls back once a line, as text. Memory stays below one line of the largest size."""

    __slots__ = ("_dropped", "_on_line", "_parts", "_size")

    def __init__(self, on_line: Callable[[str], None]) -> None:
        self._on_line = on_line
        self._parts: list[bytes] = []
        self._size = 0
        self._dropped = 0

    def feed(self, chunk: bytes) -> None:
        *whole, rest = chunk.split(b"\n")
        for piece in whole:
            self._keep(piece)
            self._emit()
        self._keep(rest)

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
        text = b"".join(self._parts).decode("utf-8", "replace").removesuffix("\r")
        if self._dropped:
            text += f" ... ({self._dropped} more bytes)"
        self._parts, self._size, self._dropped = [], 0, 0
        self._on_line(text)
