"""Cutting a stream of bytes into lines, however long they are and wherever the chunks end."""

from __future__ import annotations

import re
from collections.abc import Callable

MAX_LINE_BYTES = 1 << 20
"""A longer line is cut here and says how much is missing."""
_END = re.compile(rb"(\r\n|\n|\r)")


class LineSplitter:
    """Feed it chunks; it calls back once a line, as text, with how many bytes of it are missing.

    A carriage return ends a line as a newline does, so that a progress bar is seen while it moves; both together are
    one end. A line that only a carriage return ends keeps it: the next one is written over it. Memory stays below one
    line of the largest size.
    """

    __slots__ = ("_dropped", "_on_line", "_parts", "_size", "_was_settled", "is_waiting")

    def __init__(self, on_line: Callable[[str, int], None]) -> None:
        self._on_line = on_line
        self._parts: list[bytes] = []
        self._size = 0
        self._dropped = 0
        self._was_settled = False
        self.is_waiting = False
        """Whether what comes next tells how the last line ends: after a carriage return there may be a newline."""

    def feed(self, chunk: bytes) -> None:
        if not chunk:
            return
        if self._was_settled or self.is_waiting:
            chunk = self._end_with(chunk)
        self.is_waiting = chunk.endswith(b"\r")
        *ended, rest = _END.split(chunk.removesuffix(b"\r"))
        for piece, end in zip(ended[::2], ended[1::2], strict=True):
            self._keep(piece)
            self._emit(is_passing=end == b"\r")
        self._keep(rest)

    def settle(self) -> None:
        """Nothing has come for a while: a carriage return at the end was the whole end of its line."""
        if self.is_waiting:
            self.is_waiting, self._was_settled = False, True
            self._emit(is_passing=True)

    def close(self) -> None:
        """The stream has ended: what is left without a newline is a line too."""
        if self.is_waiting or self._parts:
            self._emit(is_passing=self.is_waiting)
        self.is_waiting = False

    def _end_with(self, chunk: bytes) -> bytes:
        """Decide about the carriage return before this chunk; what is left of the chunk."""
        is_newline = chunk.startswith(b"\n")
        if self.is_waiting:
            self._emit(is_passing=not is_newline)
        self.is_waiting = self._was_settled = False
        return chunk[1:] if is_newline else chunk

    def _keep(self, piece: bytes) -> None:
        room = MAX_LINE_BYTES - self._size
        kept = piece[:room]
        self._dropped += len(piece) - len(kept)
        if kept:
            self._parts.append(kept)
            self._size += len(kept)

    def _emit(self, *, is_passing: bool = False) -> None:
        """Nothing at all that is written over is no line: bars begin with a carriage return, or end with it."""
        text = b"".join(self._parts).decode("utf-8", "replace")
        dropped = self._dropped
        self._parts, self._size, self._dropped = [], 0, 0
        if text or not is_passing:
            self._on_line(f"{text}\r" if is_passing else text, dropped)
