"""Messages that many watchers get alike: their text and the bytes of their WebSocket frames are made once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

_TEXT = 0x81
"""A text message that is whole in one frame. What a server sends is not masked, so it is the same for all."""
_SHORT, _MIDDLE = 126, 1 << 16


class Prepared:
    """Some messages that go out together, in this order."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.texts = texts

    @cached_property
    def frames(self) -> bytes:
        return b"".join(framed(text) for text in self.texts)


def framed(text: bytes) -> bytes:
    size = len(text)
    if size < _SHORT:
        return bytes((_TEXT, size)) + text
    if size < _MIDDLE:
        return bytes((_TEXT, 126)) + size.to_bytes(2, "big") + text
    return bytes((_TEXT, 127)) + size.to_bytes(8, "big") + text
