"""What a path says is what was sent, and its parts are where its true slashes are."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_plane.kernel.words.paths import Unreadable, decoded, parts, shown

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufdd0"), max_size=20)


@given(st.lists(WORDS, min_size=1, max_size=5))
def test_each_segment_comes_back_as_it_was_sent(segments: list[str]):
    raw = "/".join(quote(segment, safe="") for segment in segments).encode()
    found = decoded(raw).split("/")
    assert [parts({"it": each})["it"] for each in found] == segments


@pytest.mark.parametrize("raw", [b"/a%2Fb", b"/a%2fb"])
def test_an_encoded_slash_parts_nothing(raw: bytes):
    assert decoded(raw).count("/") == 1
    assert parts({"it": decoded(raw)}) == {"it": "/a/b"}


def test_what_was_encoded_twice_is_decoded_once():
    assert decoded(b"/a%252Fb") == "/a%2Fb"
    assert decoded(b"/%2561") == "/%61"


@pytest.mark.parametrize("raw", [b"/%00", b"/a%00b", b"/%ff", b"/%c3", b"/\xc3\xa9", b"/%ED%A0%80", b"/%EF%B7%90"])
def test_what_is_no_text_is_no_address(raw: bytes):
    with pytest.raises(Unreadable):
        decoded(raw)


def test_what_is_told_of_a_path_is_what_was_sent():
    assert shown(quote(decoded(b"/a%2Fb"))) == "/a%2Fb"
