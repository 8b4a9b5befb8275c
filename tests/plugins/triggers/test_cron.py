"""Cron expressions: which days are meant, and what happens when clocks change."""

from datetime import datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from plugins.triggers.cron import cron_problem, moments_after, moments_before

PARIS = ZoneInfo("Europe/Paris")


def after(cron, moment, count=3, *, with_seconds=False, zone=PARIS):
    found = moments_after(cron, datetime.fromisoformat(moment), zone, with_seconds=with_seconds)
    return [f"{each:%m-%d %H:%M:%S%z}" for each in islice(found, count)]


@pytest.mark.parametrize(
    ("cron", "days"),
    [
        ("0 0 */2 * 1", [3, 5, 7, 8, 9]),
        ("0 0 1 * */3", [3, 6, 7, 10, 13]),
        ("0 0 */1 * 1", [8, 15, 22, 29]),
        ("0 0 */10 * */1", [11, 21, 31]),
        ("0 0 5,*/15 * *", [5, 16, 31]),
        ("0 0 1-31 * 1", [3, 4, 5, 6, 7]),
    ],
)
def test_a_step_restricts_days_and_one_of_two_restricted_fields_is_enough(cron, days):
    found = moments_after(cron, datetime.fromisoformat("2024-01-02T12:00:00Z"), ZoneInfo("UTC"))
    assert [each.day for each in islice(found, len(days))] == days


@pytest.mark.parametrize(("cron", "with_seconds"), [("30 2 * * *", False), ("0 30 2 * * *", True)])
def test_a_time_of_the_day_that_clocks_skip_fires_at_the_first_that_they_show(cron, with_seconds):
    expected = ["03-31 03:00:00+0200", "04-01 02:30:00+0200", "04-02 02:30:00+0200"]
    assert after(cron, "2024-03-30T12:00:00Z", with_seconds=with_seconds) == expected


@pytest.mark.parametrize(("cron", "with_seconds"), [("0 0-6 * * *", False), ("0 0 0-6 * * *", True)])
def test_a_time_of_the_day_that_clocks_show_twice_fires_once(cron, with_seconds):
    expected = ["10-27 01:00:00+0200", "10-27 02:00:00+0200", "10-27 03:00:00+0100"]
    assert after(cron, "2024-10-26T22:00:00Z", with_seconds=with_seconds) == expected


def test_a_rhythm_follows_the_time_that_passes():
    assert after("0 * * * *", "2024-10-26T23:30:00Z", 2) == ["10-27 02:00:00+0200", "10-27 02:00:00+0100"]
    assert after("*/30 * * * *", "2024-03-31T00:15:00Z", 2) == ["03-31 01:30:00+0100", "03-31 03:00:00+0200"]


@pytest.mark.parametrize("cron", ["30 2 * * *", "0 0-6 * * *", "15 1-3 * * 0", "0 0 * * *"])
@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"])
def test_looking_back_finds_what_looking_ahead_found(cron, zone):
    place = ZoneInfo(zone)
    ahead = list(islice(moments_after(cron, datetime.fromisoformat("2024-03-01T00:00:00Z"), place), 1500))
    back = list(islice(moments_before(cron, ahead[-1], place), 1499))
    assert [each.isoformat() for each in reversed(back)] == [each.isoformat() for each in ahead[:-1]]


@pytest.mark.parametrize("cron", ["0 0 30 2 *", "0 0 31 4,6 *", "0 0 L-3 * *", "* * * *", "0 0 */0 * *", "61 * * * *"])
def test_what_never_comes_or_is_no_cron_is_refused(cron):
    assert cron_problem(cron, False)
