"""Sizes as people write them."""

import pytest

from control_plane.kernel.words.sizes import parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("512", 512),
        ("1k", 1024),
        ("512MB", 512 * 1024**2),
        ("1.5 GiB", 3 * 1024**3 // 2),
        (" 2gb ", 2 * 1024**3),
        ("1T", 1024**4),
        ("7B", 7),
    ],
)
def test_a_size_is_read(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "much", "-1MB", "1XB", "1 M B", "MB", "1e3", "9" * 40, "١MB"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="is not a size"):
        parse_size(text)
