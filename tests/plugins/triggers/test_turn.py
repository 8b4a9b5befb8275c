"""A look at a trigger says what starts and when to look again."""

from datetime import UTC, datetime

import pytest

from flows.model.parse import parse_trigger
from plugins.triggers.backfill import Backfill
from plugins.triggers.turn import take_turn
from tests.plugins.facts import make_facts

FACTS = make_facts()
CONDITION = "io.kestra.plugin.core.condition."


def schedule(cron="0 * * * *", **properties):
    return parse_trigger({"id": "s", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": cron, **properties})


def at(hour, minute=0):
    return datetime(2024, 5, 1, hour, minute, tzinfo=UTC)


def test_a_trigger_never_seen_before_gets_its_first_date():
    turn = take_turn(schedule(), None, at(10, 30), FACTS)
    assert (turn.fire, turn.next_date) == (None, at(11))


def test_before_its_time_nothing_changes():
    turn = take_turn(schedule(), at(11), at(10, 30), FACTS)
    assert (turn.fire, turn.next_date) == (None, at(11))


def test_missed_dates_are_run_one_by_one():
    stored, run = at(7, 30), []
    while True:
        turn = take_turn(schedule(), stored, at(10, 30), FACTS)
        stored = turn.next_date
        if turn.fire is None:
            break
        run.append(turn.fire.date)
    assert run == [at(8), at(9), at(10)]
    assert stored == at(11)


def test_a_date_the_conditions_reject_starts_nothing():
    weekend = schedule("0 0 * * *", conditions=[{"type": CONDITION + "Weekend"}])
    turn = take_turn(weekend, at(0), at(10), FACTS)
    assert turn.fire is None
    assert turn.next_date.day == 4


def test_a_condition_that_cannot_be_decided_fails_its_date_and_no_other():
    broken = schedule(conditions=[{"type": CONDITION + "Expression", "expression": "{{ nothing }}"}])
    turn = take_turn(broken, at(10), at(10, 30), FACTS)
    assert turn.fire.date == at(10)
    assert "nothing" in turn.failure
    assert turn.next_date == at(11)


WHEN, CONDITIONS = (
    {"when": "{{ nothing }}"},
    {"conditions": [{"type": CONDITION + "Expression", "expression": "{{ x }}"}]},
)


@pytest.mark.parametrize(
    ("more", "fires"),
    [
        (WHEN, False),
        ({**WHEN, "failOnTriggerError": True}, True),
        (CONDITIONS, True),
        ({**CONDITIONS, "failOnTriggerError": False}, False),
    ],
)
@pytest.mark.parametrize("backfill", [None, Backfill(at(1), at(2))])
def test_what_cannot_be_decided_fails_where_the_trigger_says_so_and_is_told_always(more, fires, backfill):
    turn = take_turn(schedule(**more), at(10), at(10, 30), FACTS, backfill)
    assert turn.failure
    assert (turn.fire is not None) is fires
    assert turn.next_date == (at(10) if backfill else at(11))
    assert (turn.backfill.current if turn.backfill else None) == (at(2) if backfill else None)


def test_a_broken_trigger_is_told_and_keeps_its_date():
    broken = schedule().model_copy(update={"timezone": "Asia/Delhi"})
    turn = take_turn(broken, at(10), at(10, 30), FACTS)
    assert turn.broken == "Unknown time-zone ID: Asia/Delhi"
    assert (turn.fire, turn.next_date) == (None, at(10))


def test_the_last_listed_date_leaves_none():
    kind = "io.kestra.plugin.core.trigger.ScheduleOnDates"
    once = parse_trigger({"id": "d", "type": kind, "dates": ["2024-05-01T10:00:00Z"]})
    turn = take_turn(once, at(10), at(10), FACTS)
    assert (turn.fire.date, turn.next_date) == (at(10), None)


def test_a_backfill_goes_first_and_gives_the_date_back():
    backfill, stored, run = Backfill(at(1), at(3), resumes_at=at(11)), at(11), []
    while backfill is not None:
        turn = take_turn(schedule(), stored, at(10, 30), FACTS, backfill)
        run.append(turn.fire.date)
        stored, backfill = turn.next_date, turn.backfill
    assert run == [at(1), at(2), at(3)]
    assert stored == at(11)


def test_a_date_of_a_backfill_that_lies_ahead_waits_for_its_time():
    backfill = Backfill(at(9), at(12), current=at(11))
    turn = take_turn(schedule(), at(13), at(10, 30), FACTS, backfill)
    assert (turn.fire, turn.next_date, turn.backfill) == (None, at(13), backfill)
    assert take_turn(schedule(), at(13), at(11), FACTS, backfill).fire.date == at(11)


def test_a_paused_backfill_starts_nothing():
    paused = Backfill(at(1), at(3), is_paused=True)
    turn = take_turn(schedule(), at(11), at(10, 30), FACTS, paused)
    assert (turn.fire, turn.next_date, turn.backfill) == (None, at(11), paused)


def test_a_backfill_without_dates_is_over():
    turn = take_turn(schedule(), at(11), at(10, 30), FACTS, Backfill(at(1, 10), at(1, 20), resumes_at=at(11)))
    assert (turn.fire, turn.next_date, turn.backfill) == (None, at(11), None)


@pytest.mark.parametrize("expression", ["{{ nothing }}"])
def test_a_backfill_date_may_fail(expression):
    broken = schedule(conditions=[{"type": CONDITION + "Expression", "expression": expression}])
    turn = take_turn(broken, at(11), at(10, 30), FACTS, Backfill(at(1), at(2)))
    assert turn.fire.date == at(1)
    assert "nothing" in turn.failure
    assert turn.backfill.current == at(2)


def test_a_time_that_clocks_skip_fires_at_the_first_that_they_show():
    skipped = datetime(2025, 3, 30, 1, 0, tzinfo=UTC)
    turn = take_turn(schedule("30 2 * * *", timezone="Europe/Paris"), skipped, skipped, FACTS)
    assert turn.fire.date == skipped
    again = take_turn(schedule("30 2 * * *", timezone="Europe/Paris"), turn.fire.date, skipped, FACTS)
    assert again.fire.date == skipped, "also when the date is told as clocks there show it"


def test_dates_older_than_the_delay_allowed_are_dropped():
    lenient = schedule(lateMaximumDelay="PT2H")
    assert take_turn(lenient, at(1), at(10, 30), FACTS).fire.date == at(9)
    assert take_turn(schedule(lateMaximumDelay="PT1M"), at(1), at(10, 30), FACTS).next_date == at(11)
