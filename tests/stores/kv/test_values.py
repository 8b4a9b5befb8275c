"""How a text becomes a typed value."""

import pytest

from control_plane.kernel.words.errors import Invalid
from stores.kv.values import check_key, read_value, typed

READ = [
    ('"x"', "STRING", "x"),
    ("1", "NUMBER", 1),
    ("1.0", "NUMBER", 1.0),
    ("true", "BOOLEAN", True),
    ('["hello","world"]', "JSON", ["hello", "world"]),
    ("null", "JSON", None),
    ("v1", "STRING", "v1"),
    ("2021-09-01", "DATE", "2021-09-01"),
    ("2021-13-01", "STRING", "2021-13-01"),
    ("2021-09-01T01:02:08.000Z", "DATETIME", "2021-09-01T01:02:08Z"),
    ("2021-09-01T01:02:03.5+02:00", "DATETIME", "2021-08-31T23:02:03.500Z"),
    ("PT15M", "DURATION", "PT15M"),
    ("Paris", "STRING", "Paris"),
    ("NaN", "STRING", "NaN"),
    ("", "STRING", ""),
]


@pytest.mark.parametrize(("text", "kind", "value"), READ)
def test_a_text_is_the_narrowest_type_it_can_be(text, kind, value):
    found = read_value(text)
    assert (found.type, found.value) == (kind, value)
    assert type(found.value) is type(value)


def test_a_wanted_type_wins_over_the_look():
    assert typed("12", "STRING").value == "12"
    assert typed("12", "NUMBER").value == 12
    assert typed('{"a": 1}', "JSON").value == {"a": 1}


@pytest.mark.parametrize(("value", "wanted"), [("x", "NUMBER"), ("x", "DATE"), (1, "BOOLEAN"), (1, "COLOUR")])
def test_what_is_not_of_the_wanted_type_is_refused(value, wanted):
    with pytest.raises(Invalid):
        typed(value, wanted)


def test_deep_json_is_a_text_not_a_crash():
    assert read_value("[" * 100_000).type == "STRING"


@pytest.mark.parametrize("key", ["", "-a", "a b", "a/b", "é", "a" * 256])
def test_a_key_has_a_shape(key):
    with pytest.raises(Invalid, match="Key must start"):
        check_key(key)
