"""Ion text in and out."""

import contextlib
import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.contracts import PluginError
from plugins.formats.ion import rows_of, text_of, write_rows


def read(text: str) -> list:
    return list(rows_of(io.BytesIO(text.encode())))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('{a:1,b:"x"}', [{"a": 1, "b": "x"}]),
        ("{'odd name':true, \"quoted\":false}", [{"odd name": True, "quoted": False}]),
        ("1 2\n3", [1, 2, 3]),
        ("null null.string null.struct", [None, None, None]),
        ("symbol 'quoted symbol'", ["symbol", "quoted symbol"]),
        ("1.5 1.50 1d2 -2.5e1 0x1F 1_000", [Decimal("1.5"), Decimal("1.50"), Decimal("1E+2"), -25.0, 31, 1000]),
        ("2024-01-02T03:04:05.678Z", [datetime(2024, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)]),
        ("2024-01-02", [date(2024, 1, 2)]),
        ("2024T 2024-03T", [datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 3, 1, tzinfo=UTC)]),
        ("[1,[2,{a:3}]] (1 2)", [[1, [2, {"a": 3}]], [1, 2]]),
        ("{{aGVsbG8=}}", ["aGVsbG8="]),
        ("'''long ''' '''text'''", ["long text"]),
        ('"a\\nb\\u00e9\\x41"', ["a\nbéA"]),
        ("label::{a:1}", [{"a": 1}]),
        ("// comment\n{a:1} /* more */", [{"a": 1}]),
        ("{\n  a: 1,\n  b: [\n 2 ]\n}\n{c:3}", [{"a": 1, "b": [2]}, {"c": 3}]),
        ("\n\n", []),
    ],
)
def test_reading(text, values):
    assert read(text) == values


@pytest.mark.parametrize("text", ["{a:1", "[1,", '"open', "{a}", "}", "\x01", "{a:1]", "(" * 500, "[" * 100_000])
def test_what_is_no_ion_says_so(text):
    with pytest.raises(PluginError):
        read(text)


def test_writing_what_json_cannot():
    values = [
        datetime(2024, 1, 2, tzinfo=UTC),
        date(2024, 1, 2),
        Decimal("1E+2"),
        b"hello",
        float("nan"),
        timedelta(seconds=5),
    ]
    assert [text_of(value) for value in values] == [
        "2024-01-02T00:00:00Z",
        "2024-01-02",
        "1d+2",
        "{{aGVsbG8=}}",
        "nan",
        '"PT5S"',
    ]
    assert read(" ".join(text_of(value) for value in values[:3])) == values[:3]


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(plain, max_size=5))
def test_what_was_written_is_read_again(values):
    file = io.BytesIO()
    write_rows(values, file)
    file.seek(0)
    assert list(rows_of(file)) == values


@given(st.text(alphabet="{}[]()'\":,ab1.\\\n /*-T ", max_size=40))
def test_reading_never_fails_in_another_way(text):
    with contextlib.suppress(PluginError):
        read(text)
