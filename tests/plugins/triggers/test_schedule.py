"""A schedule fires at the moments of its cron expression, in its zone, when its conditions hold."""

import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from flows.model.errors import FlowInvalid
from flows.model.parse import parse_trigger
from plugins.contracts import PluginError
from plugins.triggers.cron import cron_problem
from plugins.triggers.fires import Fire, Recovery
from tests.plugins.facts import make_facts

PARIS = ZoneInfo("Europe/Paris")
CONDITION = "io.kestra.plugin.core.condition."
FIRST_MONDAY = {"type": CONDITION + "DayWeekInMonth", "dayOfWeek": "MONDAY", "dayInMonth": "FIRST"}
NEVER = {"type": CONDITION + "Expression", "expression": "false"}
BROKEN = {"type": CONDITION + "Expression", "expression": "{{ nothing }}"}


def schedule(cron="0 * * * *", **properties):
    return parse_trigger({"id": "s", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": cron, **properties})


def at(text, zone=UTC):
    return datetime.fromisoformat(text).replace(tzinfo=zone)


NOW = at("2024-05-01T10:30:00")


@pytest.mark.parametrize(
    ("cron", "properties", "expected"),
    [
        ("0 * * * *", {}, "2024-05-01T11:00:00+00:00"),
        ("*/15 * * * *", {}, "2024-05-01T10:45:00+00:00"),
        ("30 10 * * *", {}, "2024-05-02T10:30:00+00:00"),
        ("0 0 1 * *", {}, "2024-06-01T00:00:00+00:00"),
        ("0 9 * * MON", {}, "2024-05-06T09:00:00+00:00"),
        ("0 0 L * *", {}, "2024-05-31T00:00:00+00:00"),
        ("0 0 29 2 *", {}, "2028-02-29T00:00:00+00:00"),
        ("@hourly", {}, "2024-05-01T11:00:00+00:00"),
        ("@daily", {}, "2024-05-02T00:00:00+00:00"),
        ("@midnight", {}, "2024-05-02T00:00:00+00:00"),
        ("@weekly", {}, "2024-05-05T00:00:00+00:00"),
        ("@monthly", {}, "2024-06-01T00:00:00+00:00"),
        ("@yearly", {}, "2025-01-01T00:00:00+00:00"),
        ("@annually", {}, "2025-01-01T00:00:00+00:00"),
        ("*/10 * * * * *", {"withSeconds": True}, "2024-05-01T10:30:10+00:00"),
        ("@hourly", {"withSeconds": True}, "2024-05-01T11:00:00+00:00"),
        ("0 0 * * *", {"timezone": "Europe/Paris"}, "2024-05-02T00:00:00+02:00"),
        ("0 0 * * *", {"timezone": "+05:30"}, "2024-05-02T00:00:00+05:30"),
    ],
)
def test_the_next_moment_follows_the_cron_expression(cron, properties, expected):
    assert schedule(cron, **properties).next_date(NOW, NOW, make_facts()).isoformat() == expected


@pytest.mark.parametrize(
    ("cron", "after", "expected"),
    [
        ("30 2 * * *", "2024-03-30T12:00:00", ["2024-03-31T03:00:00+02:00", "2024-04-01T02:30:00+02:00"]),
        ("30 2 * * *", "2024-10-26T12:00:00", ["2024-10-27T02:30:00+02:00", "2024-10-28T02:30:00+01:00"]),
        ("30 * * * *", "2024-10-27T01:45:00", ["2024-10-27T02:30:00+02:00", "2024-10-27T02:30:00+01:00"]),
        ("0 * * * *", "2024-03-31T01:30:00", ["2024-03-31T03:00:00+02:00", "2024-03-31T04:00:00+02:00"]),
    ],
)
def test_clocks_that_change_neither_lose_nor_double_a_daily_moment(cron, after, expected):
    found = schedule(cron, timezone="Europe/Paris").after(at(after, PARIS), UTC)
    assert [moment.isoformat() for moment in islice(found, 2)] == expected


def test_without_a_zone_of_its_own_the_servers_counts():
    assert schedule("0 0 * * *").first_date(NOW, make_facts(zone=PARIS)).isoformat() == "2024-05-02T00:00:00+02:00"


@pytest.mark.parametrize(
    ("cron", "with_seconds"),
    [
        ("$ome Inv@lid Cr0n", False),
        ("* * * * * *", False),
        ("* * * * *", True),
        ("60 * * * *", False),
        ("30 2 31 2 *", False),
        ("* * * *", False),
        ("@often", False),
        ("*/0 * * * *", False),
        ("* " * 2000, False),
    ],
)
def test_what_is_no_cron_expression_is_refused(cron, with_seconds):
    with pytest.raises(FlowInvalid, match="invalid cron expression"):
        schedule(cron, withSeconds=with_seconds)


def test_a_cron_expression_that_is_right_has_no_problem():
    assert cron_problem("0 0 * * *", False) is None


@pytest.mark.parametrize(
    ("properties", "message"),
    [
        ({"interval": "PT5S"}, "interval: must be null"),
        ({"timezone": "Foo/Bar"}, "timezone 'Foo/Bar' is not a valid time-zone ID"),
        ({"recoverMissedSchedules": "SOME"}, "must be one of ALL, LAST, NONE"),
        ({"lateMaximumDelay": "soon"}, "is not a duration"),
    ],
)
def test_a_wrong_schedule_is_refused(properties, message):
    with pytest.raises(FlowInvalid, match=message):
        schedule(**properties)


def test_a_stored_schedule_whose_zone_is_gone_is_told():
    broken = schedule().model_copy(update={"timezone": "Asia/Delhi"})
    with pytest.raises(PluginError, match="Unknown time-zone ID: Asia/Delhi"):
        broken.due(NOW, NOW, make_facts())


def test_it_fires_for_the_stored_date_with_its_neighbours():
    fire = schedule().due(at("2024-05-01T10:00:00"), NOW, make_facts())
    assert fire.variables() == {
        "date": "2024-05-01T10:00:00Z",
        "next": "2024-05-01T11:00:00Z",
        "previous": "2024-05-01T09:00:00Z",
    }


def test_a_neighbour_that_does_not_exist_is_no_variable():
    assert Fire(NOW).variables() == {"date": "2024-05-01T10:30:00Z"}


@pytest.mark.parametrize("stored", ["2024-05-01T10:00:01", "2024-05-01T10:59:00", "2024-05-01T11:00:00"])
def test_it_does_not_fire_before_its_time(stored):
    assert schedule().due(at(stored), NOW, make_facts()) is None


def test_conditions_skip_dates_and_neighbours():
    monthly = schedule("0 0 * * *", conditions=[FIRST_MONDAY])
    facts = make_facts()
    assert monthly.due(at("2024-05-01T00:00:00"), NOW, facts) is None
    assert monthly.next_date(NOW, NOW, facts) == at("2024-05-06T00:00:00")
    fire = monthly.due(at("2024-05-06T00:00:00"), at("2024-05-06T00:00:00"), facts)
    assert (fire.previous, fire.next) == (at("2024-04-01T00:00:00"), at("2024-06-03T00:00:00"))


def test_when_is_a_condition_too():
    weekly = schedule("0 0 * * *", when="{{ trigger.date | date('e') == '1' }}")
    assert weekly.accepts(at("2024-05-05T00:00:00"), make_facts()) is not weekly.accepts(NOW, make_facts())


def test_days_that_are_rejected_are_skipped_as_a_whole():
    begun = time.process_time()
    minutely = schedule("* * * * *", conditions=[{"type": CONDITION + "Not", "conditions": [NEVER]}, FIRST_MONDAY])
    by_day = schedule("* * * * *", conditions=[FIRST_MONDAY])
    assert by_day.next_date(at("2024-05-06T23:59:00"), NOW, make_facts()) == at("2024-06-03T00:00:00")
    assert by_day.fire(at("2024-05-06T00:00:00"), make_facts()).previous == at("2024-04-01T23:59:00")
    assert minutely.accepts(at("2024-05-06T10:00:00"), make_facts())
    assert time.process_time() - begun < 1


def test_a_condition_that_never_holds_ends_the_search():
    begun = time.process_time()
    never = schedule("* * * * *", conditions=[NEVER])
    fire = never.fire(NOW, make_facts())
    assert (fire.previous, fire.next) == (None, None)
    assert never.next_date(NOW, NOW, make_facts()) > NOW  # looked at later, rejected then, and so on
    assert time.process_time() - begun < 5


def test_days_that_cannot_be_have_no_next_date():
    both = [{"type": CONDITION + "Weekend"}, {"type": CONDITION + "DayWeek", "dayOfWeek": "MONDAY"}]
    assert schedule("0 0 * * *", conditions=both).next_date(NOW, NOW, make_facts()) is None


def test_a_condition_that_cannot_be_decided_fails_at_its_own_date():
    broken = schedule(conditions=[BROKEN])
    assert broken.next_date(NOW, NOW, make_facts()) == at("2024-05-01T11:00:00")
    with pytest.raises(PluginError, match="nothing"):
        broken.due(at("2024-05-01T10:00:00"), NOW, make_facts())


def test_dates_that_are_too_late_are_dropped():
    patient = schedule("* * * * *", lateMaximumDelay="PT5M")
    assert patient.next_date(NOW - timedelta(minutes=15), NOW, make_facts()) == NOW - timedelta(minutes=4)
    assert patient.next_date(NOW - timedelta(minutes=2), NOW, make_facts()) == NOW - timedelta(minutes=1)


@pytest.mark.parametrize(
    ("own", "default", "expected"),
    [
        ("ALL", Recovery.NONE, "2024-05-01T07:00:00"),
        ("LAST", Recovery.ALL, "2024-05-01T10:00:00"),
        ("NONE", Recovery.ALL, "2024-05-01T11:00:00"),
        (None, Recovery.ALL, "2024-05-01T07:00:00"),
        (None, Recovery.LAST, "2024-05-01T10:00:00"),
        (None, Recovery.NONE, "2024-05-01T11:00:00"),
    ],
)
def test_missed_dates_are_made_up_for_as_it_says(own, default, expected):
    found = schedule(recoverMissedSchedules=own).recover(at("2024-05-01T07:00:00"), NOW, make_facts(), default)
    assert found == at(expected)


@pytest.mark.parametrize("own", ["ALL", "LAST", "NONE"])
def test_nothing_was_missed_when_the_date_is_still_to_come(own):
    coming = at("2024-05-01T11:00:00")
    assert schedule(recoverMissedSchedules=own).recover(coming, NOW, make_facts()) == coming


def test_a_backfill_has_every_accepted_date_from_start_to_end():
    daily = schedule("0 0 * * *", conditions=[{"type": CONDITION + "Weekend"}])
    found = daily.backfill_dates(at("2024-05-04T00:00:00"), at("2024-05-12T00:00:00"), make_facts())
    assert [moment.day for moment in found] == [4, 5, 11, 12]


def test_a_backfill_of_very_many_dates_is_made_one_by_one():
    dates = schedule("* * * * *").backfill_dates(at("1990-01-01T00:00:00"), NOW, make_facts())
    assert [moment.minute for moment in islice(dates, 3)] == [0, 1, 2]
    assert sum(1 for _ in islice(schedule("* * * * *").backfill_dates(NOW, NOW, make_facts()), 10)) == 1
