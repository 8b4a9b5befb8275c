"""What Redis says is read whole, in whatever pieces it comes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
import redis
from hypothesis import given
from hypothesis import strategies as st

from control_plane.kernel.live.replies import Replies

VALUES = st.recursive(
    st.one_of(st.binary(max_size=50), st.integers(-(2**40), 2**40), st.none()),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)


def written(value: Any) -> bytes:
    if value is None:
        return b"$-1\r\n"
    if isinstance(value, int):
        return b":%d\r\n" % value
    if isinstance(value, bytes):
        return b"$%d\r\n%b\r\n" % (len(value), value)
    return b"*%d\r\n%b" % (len(value), b"".join(map(written, value)))


@given(st.lists(VALUES, max_size=6), st.lists(st.integers(0, 500), max_size=8))
def test_it_does_not_matter_where_the_pieces_are_cut(values: list[Any], cuts: list[int]) -> None:
    data = b"".join(map(written, values))
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    replies = Replies()
    pieces = [data[start:end] for start, end in pairwise(places)]
    assert [reply for piece in pieces for reply in replies.take(piece)] == values


def test_a_message_of_a_channel_is_a_list_of_three() -> None:
    data = b"*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\n{}\r\n+PONG\r\n"
    assert Replies().take(data) == [[b"message", b"c", b"{}"], b"PONG"]


def test_an_error_is_raised_with_its_words() -> None:
    with pytest.raises(redis.ResponseError, match="NOAUTH"):
        Replies().take(b"-NOAUTH Authentication required.\r\n")
