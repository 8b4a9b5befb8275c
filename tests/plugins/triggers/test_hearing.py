"""What a Flow trigger makes of executions of other flows, one after the other."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from flows.model.parse import parse_trigger
from plugins.conditions.windows import WindowRecord
from plugins.triggers.hearing import hear
from tests.plugins.facts import make_facts

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)
BOTH = [{"namespace": "up", "flowId": "first"}, {"namespace": "up", "flowId": "second"}]


def trigger(**properties):
    return parse_trigger({"id": "t", "type": "io.kestra.plugin.core.trigger.Flow", **properties})


def facts(flow_id: str, state: str = "SUCCESS"):
    execution = {"namespace": "up", "flowId": flow_id, "state": state, "labels": {}, "outputs": {}, "attempts": []}
    return make_facts(flow={"id": "down", "namespace": "down"}, execution=execution)


def told(listening, *heard: tuple[str, int]) -> list[bool]:
    """Whether it fires with each execution, so many minutes after noon."""
    records: dict[str, WindowRecord] = {}
    fired = []
    for flow_id, minutes in heard:
        met = {window.id: window.met_by(facts(flow_id)) for window in listening.windows()}
        found = hear(listening, met, records, NOON + timedelta(minutes=minutes))
        records.update(found.records)
        fired.append(found.fires)
    return fired


def test_both_must_have_come_and_then_it_begins_anew():
    listening = trigger(dependsOn=BOTH)
    assert told(listening, ("first", 0), ("second", 1), ("second", 2), ("first", 3)) == [False, True, False, True]


@pytest.mark.parametrize(
    ("window", "minutes", "fires"),
    [
        ({"every": "PT1H"}, 59, True),
        ({"every": "PT1H"}, 60, False),
        ({"every": "PT1H", "offset": "PT30M"}, 20, False),
        ({"lookback": "PT10M"}, 10, True),
        ({"lookback": "PT10M"}, 11, False),
        ({"from": "11:00:00", "to": "12:30:00"}, 30, True),
        ({"from": "11:00:00", "to": "12:30:00"}, 31, False),
        ({"from": "13:00:00", "to": "14:00:00", "timezone": "+01:00"}, 30, True),
        ({"deadline": "12:05:00"}, 5, True),
        ({"deadline": "12:05:00"}, 6, False),
    ],
)
def test_both_must_come_within_one_window(window, minutes, fires):
    assert told(trigger(dependsOn=BOTH, window=window), ("first", 0), ("second", minutes))[-1] is fires


def test_any_or_some_of_them_are_enough_when_it_says_so():
    assert told(trigger(dependsOn=BOTH, mode="ANY"), ("first", 0), ("second", 1)) == [True, True]
    three = [*BOTH, {"namespace": "up", "flowId": "third"}]
    some = trigger(dependsOn=three, mode="AT_LEAST", minSatisfied=2)
    assert told(some, ("first", 0), ("first", 1), ("third", 2)) == [False, False, True]


def test_what_it_does_not_wait_for_changes_nothing():
    assert told(trigger(dependsOn=BOTH), ("first", 0), ("other", 1), ("second", 2)) == [False, False, True]
