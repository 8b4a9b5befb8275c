"""JSON patches between what was and what is."""

import pytest

from audit.recording.patches import patch


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [{"op": "replace", "path": "/a", "value": 2}]),
        ({"a": 1}, {}, [{"op": "remove", "path": "/a"}]),
        ({}, {"a": {"b": 1}}, [{"op": "add", "path": "/a", "value": {"b": 1}}]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [{"op": "replace", "path": "/a/b", "value": 2}]),
        ({"a/b": 1, "c~d": 1}, {}, [{"op": "remove", "path": "/a~1b"}, {"op": "remove", "path": "/c~0d"}]),
        ({"a": [1, 2]}, {"a": [1]}, [{"op": "replace", "path": "/a", "value": [1]}]),
        ({"a": 1}, {"a": True}, [{"op": "replace", "path": "/a", "value": True}]),
        ({"a": 1}, {"a": None}, [{"op": "replace", "path": "/a", "value": None}]),
        (None, {"a": 1}, [{"op": "add", "path": "", "value": {"a": 1}}]),
        ({"a": 1}, None, [{"op": "remove", "path": ""}]),
        (None, None, []),
    ],
)
def test_a_patch_tells_the_difference(before, after, expected):
    assert patch(before, after) == expected
