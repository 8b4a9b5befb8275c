"""A backfill runs each past date once, in order, and is then over."""

from datetime import UTC, datetime

from flows.model.parse import parse_trigger
from plugins.triggers.backfill import Backfill
from tests.plugins.facts import make_facts

HOURLY = parse_trigger({"id": "s", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "0 * * * *"})
FACTS = make_facts()


def at(hour, minute=0):
    return datetime(2024, 5, 1, hour, minute, tzinfo=UTC)


def test_every_date_is_run_once_and_in_order():
    backfill, run = Backfill(at(1), at(4)), []
    while backfill is not None:
        date = backfill.date(HOURLY, FACTS)
        run.append(date)
        backfill = backfill.after(date, HOURLY, FACTS)
    assert run == [at(1), at(2), at(3), at(4)]


def test_it_begins_with_the_first_date_after_its_start():
    assert Backfill(at(1, 30), at(4)).date(HOURLY, FACTS) == at(2)


def test_one_without_a_date_is_over_at_once():
    assert Backfill(at(1, 10), at(1, 50)).date(HOURLY, FACTS) is None
    assert Backfill(at(4), at(1)).date(HOURLY, FACTS) is None


def test_while_it_is_paused_nothing_runs_and_nothing_is_lost():
    paused = Backfill(at(1), at(4), at(2), is_paused=True, inputs={"a": 1}, resumes_at=at(9))
    assert paused.date(HOURLY, FACTS) is None
    left = paused.after(at(2), HOURLY, FACTS)
    assert (left.current, left.is_paused, left.inputs, left.resumes_at) == (at(3), True, {"a": 1}, at(9))
