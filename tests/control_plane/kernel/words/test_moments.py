"""Moments, days, times and zones are read from ISO 8601, and refused with a sentence."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from control_plane.kernel.words.moments import format_moment, parse_date, parse_moment, parse_time, zone

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-05-01T10:00:00Z", datetime(2024, 5, 1, 10, tzinfo=UTC)),
        ("2024-05-01T10:00:00.123456789Z", datetime(2024, 5, 1, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2024-05-01T10:00:00+02:00", datetime(2024, 5, 1, 8, tzinfo=UTC)),
        ("2024-05-01T10:00:00+02:00[Europe/Paris]", datetime(2024, 5, 1, 10, tzinfo=PARIS)),
        ("2024-05-01T10:00:00[Europe/Paris]", datetime(2024, 5, 1, 10, tzinfo=PARIS)),
        ("2024-05-01", datetime(2024, 5, 1, tzinfo=UTC)),
        (" 2024-05-01T10:00 ", datetime(2024, 5, 1, 10, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_with_its_zone(text, expected):
    assert parse_moment(text) == expected


def test_a_moment_without_a_zone_is_in_the_one_given():
    assert parse_moment("2024-05-01T10:00:00", PARIS).tzinfo is PARIS


@pytest.mark.parametrize("text", ["", "yesterday", "2024-13-01T00:00:00Z", "2024-02-30", "10:00"])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(ValueError, match="is not a date with time"):
        parse_moment(text)


def test_a_day_may_come_from_a_moment():
    assert parse_date("2024-05-01") == date(2024, 5, 1)
    assert parse_date("2024-05-01T23:30:00-05:00") == date(2024, 5, 1)
    with pytest.raises(ValueError, match="is not a date like"):
        parse_date("2024-5-1")


def test_a_time_keeps_its_offset():
    assert parse_time("16:30") == time(16, 30)
    assert parse_time("16:30:00+02:00").tzinfo == timezone(timedelta(hours=2))
    with pytest.raises(ValueError, match="is not a time like"):
        parse_time("25:00")


@pytest.mark.parametrize(
    ("name", "hours"), [("UTC", 0), ("Z", 0), ("GMT", 0), ("+02:00", 2), ("UTC-05:00", -5), ("GMT+1", None)]
)
def test_zones_have_regions_and_offsets(name, hours):
    if hours is None:
        with pytest.raises(ValueError, match="Unknown time-zone ID"):
            zone(name)
    else:
        assert zone(name).utcoffset(datetime(2024, 1, 1)) == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["Foo/Bar", "Asia/Delhi", "", "../etc/passwd", "Europe/Paris\0", "/etc/passwd"])
def test_an_unknown_zone_is_named(name):
    with pytest.raises(ValueError, match="Unknown time-zone ID"):
        zone(name)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2024, 5, 1, 10, tzinfo=UTC), "2024-05-01T10:00:00Z"),
        (datetime(2024, 5, 1, 10, tzinfo=PARIS), "2024-05-01T10:00:00+02:00"),
        (datetime(2024, 5, 1, 10, 0, 0, 120000, tzinfo=UTC), "2024-05-01T10:00:00.120Z"),
        (datetime(2024, 5, 1, 10), "2024-05-01T10:00:00"),
    ],
)
def test_a_moment_is_written_with_its_offset(moment, text):
    assert format_moment(moment) == text
