"""JSON that means two things is refused, wherever it is read."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from control_plane.kernel.api.json import decode, encode
from control_plane.kernel.words import strict_json
from control_plane.kernel.words.errors import Invalid
from control_plane.kernel.words.strict_json import DuplicateKey

KEYS = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | KEYS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": 1, "a": 2}',
        b'{"a": 1, "b": {"c": 1, "c": 1}}',
        b'[{"x": [{"a": ":", "a": 2}]}]',
        b'{"a": 1, "\\u0061": 2}',
        b'{"a": "\\u003a", "a": 2}',
        b'{"a": "\\u003A", "a": "::"}',
        b'{"": 1, "": 1}',
    ],
)
def test_a_key_that_stands_twice_is_refused_and_named(text: bytes) -> None:
    with pytest.raises(Invalid, match="stands twice"):
        decode(text)
    with pytest.raises(DuplicateKey):
        strict_json.loads(text)


def test_the_same_key_in_two_objects_stands_once_in_each() -> None:
    assert decode(b'[{"a": ":"}, {"a": {"a": "\\u003a"}}]') == [{"a": ":"}, {"a": {"a": ":"}}]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_values_come_through_unchanged(value: object) -> None:
    assert decode(encode(value)) == value
    assert decode(json.dumps(value).encode()) == value
    assert strict_json.loads(json.dumps(value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_decimal_keeps_every_digit(number: float) -> None:
    assert math.copysign(1, decode(encode(number))) == math.copysign(1, number) and decode(encode(number)) == number


@pytest.mark.parametrize("text", [b'"\\ud800"', b'"\xed\xa0\x80"', b"NaN", b"Infinity", b'{"a": 1,}', b"01"])
def test_what_is_no_text_or_no_number_is_refused(text: bytes) -> None:
    with pytest.raises(Invalid):
        decode(text)
