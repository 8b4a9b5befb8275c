"""What was met in a window is remembered as long as the window lasts."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plugins.conditions.windows import TimeWindow, WindowRecord, note

NOW = datetime(2024, 5, 1, 10, 23, 45, 678, tzinfo=UTC)


def at(hour, minute=0, second=0, day=1):
    return datetime(2024, 5, day, hour, minute, second, tzinfo=UTC)


def end(*args, **kwargs):
    return at(*args, **kwargs) - timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("window", "start", "stop"),
    [
        (TimeWindow(), at(0), end(0, day=2)),
        (TimeWindow(window="P1D", window_advance="-PT4H"), at(0) - timedelta(hours=4), end(20)),
        (TimeWindow(window="PT1H"), at(10), end(11)),
        (TimeWindow(window="PT2H", window_advance="PT30M"), at(10, 30), end(12, 30)),
        (TimeWindow(window="PT15M"), at(10, 15), end(10, 30)),
        (TimeWindow(window="PT15M", window_advance="-PT5M"), at(10, 10), end(10, 25)),
        (TimeWindow(window="PT30S"), at(10, 23, 45), end(10, 24, 15)),
        (TimeWindow(type="SLIDING_WINDOW", window="PT1H"), NOW - timedelta(hours=1), NOW),
        (TimeWindow(type="DAILY_TIME_WINDOW", start_time="09:00:00", end_time="11:30:00"), at(9), at(11, 30)),
        (TimeWindow(type="DAILY_TIME_DEADLINE", deadline="18:00:00"), at(0), at(18)),
        (TimeWindow(type="DAILY_TIME_DEADLINE", deadline="18:00:00+02:00"), at(0), at(16)),
    ],
)
def test_a_window_belongs_to_a_moment(window, start, stop):
    bounds = window.bounds(NOW)
    assert (bounds.start, bounds.end) == (start, stop)


def test_days_begin_in_the_zone_of_the_moment():
    paris = NOW.astimezone(ZoneInfo("Europe/Paris"))
    assert TimeWindow().bounds(paris).start.isoformat() == "2024-05-01T00:00:00+02:00"


def test_it_fires_once_everything_was_met_and_then_begins_anew():
    window = TimeWindow(window="PT1H")
    first = note(window, None, {"a"}, {"a", "b"}, at(10, 5))
    assert not first.is_complete
    assert set(first.record.met) == {"a"}
    second = note(window, first.record, {"b"}, {"a", "b"}, at(10, 30))
    assert second.is_complete
    assert second.record.met == {}
    assert not note(window, second.record, {"b"}, {"a", "b"}, at(10, 31)).is_complete


def test_without_reset_what_was_met_stays():
    window = TimeWindow(window="PT1H")
    first = note(window, None, {"a", "b"}, {"a", "b"}, at(10, 5), resets=False)
    assert first.is_complete
    assert note(window, first.record, {"b"}, {"a", "b"}, at(10, 6), resets=False).is_complete


def test_an_execution_that_meets_nothing_completes_nothing():
    window = TimeWindow(window="PT1H")
    record = note(window, None, {"a"}, {"a"}, at(10), resets=False).record
    assert not note(window, record, set(), {"a"}, at(10, 1), resets=False).is_complete


def test_what_an_earlier_window_held_is_forgotten():
    window = TimeWindow(window="PT1H")
    first = note(window, None, {"a"}, {"a", "b"}, at(10, 59))
    assert not note(window, first.record, {"b"}, {"a", "b"}, at(11)).is_complete


def test_a_sliding_window_goes_back_from_each_moment():
    window = TimeWindow(type="SLIDING_WINDOW", window="PT1H")
    first = note(window, None, {"a"}, {"a", "b"}, at(10, 30))
    assert not first.record.is_expired(at(11, 30))
    assert first.record.is_expired(at(11, 31))
    assert note(window, first.record, {"b"}, {"a", "b"}, at(11, 30)).is_complete
    assert not note(window, first.record, {"b"}, {"a", "b"}, at(11, 30, 1)).is_complete


@pytest.mark.parametrize(
    "window",
    [
        TimeWindow(type="DAILY_TIME_WINDOW", start_time="12:00:00", end_time="13:00:00"),
        TimeWindow(type="DAILY_TIME_WINDOW", start_time="08:00:00", end_time="09:00:00"),
        TimeWindow(type="DAILY_TIME_DEADLINE", deadline="10:00:00"),
    ],
)
def test_outside_of_the_hours_nothing_counts(window):
    noted = note(window, None, {"a"}, {"a"}, NOW)
    assert not noted.is_complete
    assert noted.record.met == {}


def test_a_record_expires_with_its_window():
    record = WindowRecord(at(9), at(10))
    assert not record.is_expired(at(10))
    assert record.is_expired(at(10, 0, 1))


@pytest.mark.parametrize(
    ("properties", "messages"),
    [
        ({}, []),
        ({"window": "P1D", "window_advance": "PT1H"}, []),
        ({"deadline": "10:00:00"}, ["`DURATION_WINDOW` cannot have a deadline."]),
        ({"type": "SLIDING_WINDOW"}, ["`SLIDING_WINDOW` must have a window."]),
        (
            {"type": "SLIDING_WINDOW", "window": "PT1H", "window_advance": "PT1H"},
            ["`SLIDING_WINDOW` cannot have a window advance."],
        ),
        (
            {"type": "DAILY_TIME_WINDOW"},
            ["`DAILY_TIME_WINDOW` must have an end time.", "`DAILY_TIME_WINDOW` must have a start time."],
        ),
        ({"type": "DAILY_TIME_DEADLINE"}, ["`DAILY_TIME_DEADLINE` must have a deadline."]),
        ({"type": "DAILY_TIME_DEADLINE", "deadline": "soon"}, ["`soon` is not a time like `16:30:00`"]),
    ],
)
def test_each_kind_of_window_has_properties_of_its_own(properties, messages):
    found = [problem.message for problem in TimeWindow(**properties).problems()]
    assert len(found) == len(messages)
    assert all(message in text for message, text in zip(messages, found, strict=True))
