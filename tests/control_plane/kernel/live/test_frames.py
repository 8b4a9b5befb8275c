"""The bytes are those that any WebSocket client reads."""

from __future__ import annotations

import pytest
from websockets.frames import Frame, Opcode

from control_plane.kernel.live.frames import Prepared


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_text_of_any_length_arrives_whole(size: int) -> None:
    frame = Frame(Opcode.TEXT, b"x" * size).serialize(mask=False)
    assert Prepared([b"x" * size]).frames == frame


def test_several_texts_go_out_in_their_order() -> None:
    texts = [b"one", b"t" * 300, b"three"]
    assert Prepared(texts).frames == b"".join(Frame(Opcode.TEXT, text).serialize(mask=False) for text in texts)


def test_the_bytes_are_made_once() -> None:
    prepared = Prepared([b"one"])
    assert prepared.frames is prepared.frames
