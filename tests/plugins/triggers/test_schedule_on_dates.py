"""A trigger on listed dates fires at each of them once."""

from datetime import UTC, datetime

import pytest

from flows.model.errors import FlowInvalid
from flows.model.parse import parse_trigger
from plugins.contracts import PluginError
from plugins.triggers.fires import Recovery
from tests.plugins.facts import make_facts

DATES = ["2024-05-01T12:00:00Z", "2024-05-01T10:00:00Z", "2024-05-01T13:00:00+02:00"]


def on(dates=None, **properties):
    kind = "io.kestra.plugin.core.trigger.ScheduleOnDates"
    return parse_trigger({"id": "d", "type": kind, "dates": DATES if dates is None else dates, **properties})


def at(hour, minute=0):
    return datetime(2024, 5, 1, hour, minute, tzinfo=UTC)


def test_the_dates_are_taken_in_order_and_once():
    assert on([*DATES, "2024-05-01T12:00:00Z"]).moments(make_facts()) == [at(10), at(11), at(12)]


def test_dates_without_a_zone_are_in_its_own():
    assert on(["2024-05-01T12:00:00"], timezone="Europe/Paris").moments(make_facts()) == [at(10)]


@pytest.mark.parametrize("dates", ["{{ dates }}", "{{ dates | json }}", "2024-05-01T10:00:00Z, 2024-05-01T11:00:00Z"])
def test_dates_may_come_from_an_expression(dates):
    scope = {"dates": ["2024-05-01T10:00:00Z", "2024-05-01T11:00:00Z"]}
    assert on(dates).moments(make_facts(scope=scope)) == [at(10), at(11)]


def test_moments_may_be_values():
    assert on("{{ dates }}").moments(make_facts(scope={"dates": [datetime(2024, 5, 1, 10)]})) == [at(10)]


def test_it_fires_at_a_listed_date_with_its_neighbours():
    fire = on().due(at(11), at(11), make_facts())
    assert (fire.previous, fire.date, fire.next) == (at(10), at(11), at(12))
    assert on().due(at(10), at(10), make_facts()).previous is None
    assert on().due(at(12), at(12), make_facts()).next is None


def test_it_does_not_fire_early_or_without_a_date_left():
    assert on().due(at(11), at(10, 59), make_facts()) is None
    assert on().due(at(12, 1), at(13), make_facts()) is None


def test_conditions_hold_for_the_date():
    never = [{"type": "io.kestra.plugin.core.condition.Expression", "expression": "{{ trigger.date == '' }}"}]
    assert on(conditions=never).due(at(11), at(11), make_facts()) is None


def test_the_next_date_is_the_next_in_the_list():
    facts = make_facts()
    assert on().first_date(at(9), facts) == at(10)
    assert on().first_date(at(11, 30), facts) == at(10), "the first one is run although it has passed"
    assert on().next_date(at(10), at(10), facts) == at(11)
    assert on().next_date(at(12), at(12), facts) is None


@pytest.mark.parametrize(
    ("recovery", "expected"), [(Recovery.ALL, at(10)), (Recovery.LAST, at(11)), (Recovery.NONE, at(12))]
)
def test_missed_dates_are_made_up_for_as_it_says(recovery, expected):
    assert on().recover(at(9), at(11, 30), make_facts(), recovery) == expected
    assert on(recoverMissedSchedules=recovery.value).recover(at(9), at(11, 30), make_facts()) == expected


def test_without_a_missed_date_the_last_one_is_the_next():
    assert on().recover(at(11, 30), at(11, 40), make_facts(), Recovery.LAST) == at(12)


def test_a_backfill_takes_the_listed_dates_between():
    assert list(on().backfill_dates(at(10), at(11), make_facts())) == [at(10), at(11)]


def test_a_date_that_is_none_is_refused_when_written_and_told_when_rendered():
    with pytest.raises(FlowInvalid, match="`soon` is not a date with time"):
        on(["soon"])
    with pytest.raises(PluginError, match="`soon` is not a date with time"):
        on("{{ 'soon' }}").moments(make_facts())


def test_an_unknown_zone_is_refused():
    with pytest.raises(FlowInvalid, match="timezone 'Foo/Bar' is not a valid time-zone ID"):
        on(timezone="Foo/Bar")


def test_dates_are_cut_to_seconds():
    assert on(["2024-05-01T10:00:00.9Z", "2024-05-01T10:00:00.1Z"]).moments(make_facts()) == [at(10)]
