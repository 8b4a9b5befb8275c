from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from control_plane.kernel.words.clock import iso, parse_iso

ROUND = datetime(2030, 1, 31, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("micros", "text"),
    [
        (0, "2030-01-31T12:00:05Z"),
        (120_000, "2030-01-31T12:00:05.120Z"),
        (7_000, "2030-01-31T12:00:05.007Z"),
        (120_001, "2030-01-31T12:00:05.120001Z"),
        (10, "2030-01-31T12:00:05.000010Z"),
    ],
)
def test_a_second_has_as_many_digits_as_it_needs_in_groups_of_three(micros: int, text: str) -> None:
    moment = ROUND.replace(microsecond=micros)
    assert iso(moment) == text
    assert parse_iso(text) == moment


def test_other_zones_are_written_in_utc() -> None:
    assert iso(ROUND.astimezone(timezone(timedelta(hours=5, minutes=30)))) == "2030-01-31T12:00:05Z"
