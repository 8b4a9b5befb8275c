"""Lines come out the same however the stream is cut into chunks."""

from __future__ import annotations

import pytest

from plugins.runners.lines import LineSplitter

STREAM = b"one\r\ntwo\n\r10 %\r20 %\r\n\n::{}::\r\nlast\r"
LINES = ["one", "two", "10 %\r", "20 %", "", "::{}::", "last\r"]


def lines_of(*chunks: bytes, settles: bool = False) -> list[str]:
    found: list[str] = []
    lines = LineSplitter(lambda text, dropped: found.append(text))
    for chunk in chunks:
        lines.feed(chunk)
        if settles:
            lines.settle()
    lines.close()
    return found


def test_wherever_the_stream_is_cut_its_lines_are_the_same() -> None:
    assert lines_of(STREAM) == LINES
    assert lines_of(*(STREAM[place : place + 1] for place in range(len(STREAM)))) == LINES
    for place in range(len(STREAM)):
        assert lines_of(STREAM[:place], b"", STREAM[place:]) == LINES


@pytest.mark.parametrize(
    "chunks, expected",
    [
        ((b"a\r", b"b\r", b"c"), ["a\r", "b\r", "c"]),
        ((b"a\r", b"\nb\n"), ["a\r", "b"]),
        ((b"a\r", b"\n", b"\n"), ["a\r", ""]),
        ((b"a", b"\r", b"b"), ["a\r", "b"]),
    ],
)
def test_after_a_silence_a_carriage_return_was_the_whole_end(chunks: tuple[bytes, ...], expected: list[str]) -> None:
    assert lines_of(*chunks, settles=True) == expected


def test_a_line_that_says_nothing_and_is_written_over_is_none() -> None:
    assert lines_of(b"\r\r\r", b"\rx") == ["x"]
