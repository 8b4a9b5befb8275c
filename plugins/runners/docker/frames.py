"""The engine's way to send two streams over one: frames with a head that says which stream and how long."""

from __future__ import annotations

import struct
from collections.abc import Callable

_HEAD = struct.Struct(">BxxxL")
OUTPUT, ERROR = 1, 2


class Frames:
    """Feed it chunks, cut anywhere; it hands on what belongs to each stream as soon as it is there."""

    def __init__(self, output: Callable[[bytes], None], error: Callable[[bytes], None]) -> None:
        self._streams = {OUTPUT: output, ERROR: error}
        self._head = b""
        self._stream = OUTPUT
        self._left = 0

    def feed(self, chunk: bytes) -> None:
        place = 0
        while place < len(chunk):
            if self._left == 0:
                missing = _HEAD.size - len(self._head)
                self._head += chunk[place : place + missing]
                place += missing
                if len(self._head) == _HEAD.size:
                    self._stream, self._left = _HEAD.unpack(self._head)
                    self._head = b""
                continue
            piece = chunk[place : place + self._left]
            place += len(piece)
            self._left -= len(piece)
            if self._stream in self._streams:
                self._streams[self._stream](piece)
