"""Durations are read in every form people write, and written in one."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from control_plane.kernel.words.durations import Duration, format_duration, format_plainly, parse_duration

WRITTEN = [
    ("PT5M", timedelta(minutes=5)),
    ("pt5m", timedelta(minutes=5)),
    ("PT60M", timedelta(hours=1)),
    ("P1DT2H", timedelta(days=1, hours=2)),
    ("P1W", timedelta(days=7)),
    ("P1M", timedelta(days=30)),
    ("P1Y2M3D", timedelta(days=365 + 60 + 3)),
    ("PT0.250S", timedelta(milliseconds=250)),
    ("PT1,5S", timedelta(seconds=1.5)),
    ("PT0S", timedelta(0)),
    ("-PT4H", timedelta(hours=-4)),
    ("PT-4H", timedelta(hours=-4)),
    ("-P1DT-2H", timedelta(days=-1, hours=2)),
    ("  PT1S ", timedelta(seconds=1)),
    ("5m", timedelta(minutes=5)),
    ("1h 30m", timedelta(hours=1, minutes=30)),
    ("2 days, 3 hours", timedelta(days=2, hours=3)),
    ("250ms", timedelta(milliseconds=250)),
    ("1.5 hours", timedelta(hours=1.5)),
    ("2 weeks", timedelta(days=14)),
    ("60000", timedelta(seconds=60_000)),
    ("1.5", timedelta(seconds=1.5)),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_a_duration_is_read_as_it_is_written(text, expected):
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "soon", "5 parsecs", "PT5", "1h nonsense", "PT1.1234567891S", "x" * 200]
)
def test_anything_else_is_refused_with_a_hint(text):
    with pytest.raises(ValueError, match="is not a duration: write it like `PT5M`"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["PT999999999999999999H", "P9999999999Y", "9999999999999999 weeks"])
def test_a_duration_beyond_reach_is_refused(text):
    with pytest.raises(ValueError, match="too long"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (timedelta(0), "PT0S"),
        (timedelta(hours=49, seconds=1.5), "PT49H1.5S"),
        (timedelta(minutes=-90), "PT-1H-30M"),
        (timedelta(microseconds=1), "PT0.000001S"),
        (timedelta(seconds=306), "PT5M6S"),
    ],
)
def test_a_duration_is_written_in_hours_minutes_and_seconds(value, text):
    assert format_duration(value) == text


@given(st.timedeltas(min_value=timedelta(days=-40000), max_value=timedelta(days=40000)))
def test_what_is_written_is_read_back(value):
    assert parse_duration(format_duration(value)) == value


def test_a_field_reads_texts_and_numbers_but_no_switch():
    adapter = TypeAdapter(Duration)
    assert adapter.validate_python("5m") == timedelta(minutes=5)
    assert adapter.validate_python(90) == timedelta(seconds=90)
    assert adapter.dump_json(timedelta(minutes=5)) == b'"PT5M"'
    with pytest.raises(ValidationError, match="a duration is expected"):
        adapter.validate_python(True)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 seconds"), (1, "1 second"), (90, "90 seconds"), (300, "5 minutes"), (3600, "1 hour"), (86_400, "1 day")],
)
def test_people_are_told_in_the_largest_whole_unit(seconds, text):
    assert format_plainly(timedelta(seconds=seconds)) == text
