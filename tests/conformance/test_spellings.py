"""Other spellings of the same: corpora were written by hand, and say one thing in more than one way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.test_expectations import look
from tests.conformance.test_playing import BREAK, LONG, SAY, play, run

Json = dict[str, Any]
NEW = {"type": "io.kestra.plugin.core.debug.Return", "format": "new"}
GOOD_UPDATES: list[Json] = [
    {"task": {"id": "a", "format": "new"}},
    {"task": "a", "with": NEW},
    {"task_id": "a", "replace": NEW},
    {"replace_task": {"id": "a", **NEW}},
    {"replace": {"{{ inputs.n ?? 0 }}": "new"}},
]


@pytest.mark.parametrize("update", GOOD_UPDATES)
def test_a_flow_changes_by_a_task_or_a_text(update: Json) -> None:
    changed = {"op": "update_flow", "flow_id": "say", "namespace": "company", **update}
    play(SAY, changed, run(expect={"flow_revision": 2}), expect={"outputs": {"a": {"value": "new"}}})


@pytest.mark.parametrize("update", [{"task": "a"}, {"task": "b", "with": NEW}, {"replace": {"nowhere": "x"}}])
def test_a_change_that_finds_nothing_fails_the_case(update: Json) -> None:
    with pytest.raises(AssertionError):
        play(SAY, {"op": "update_flow", **update})


def test_executions_of_a_flow_are_waited_for() -> None:
    wait = {"op": "wait", "flow": "say", "count": 2, "state": "SUCCESS", "as": "last"}
    play(SAY, {"op": "submit", "as": "e", "count": 2}, wait, expect={"executions": {"say": 2}})
    with pytest.raises(AssertionError, match="2 executions of say, not 3"):
        play(SAY, {"op": "submit", "as": "e", "count": 2}, {**wait, "count": 3, "timeout": "PT5S"})


@pytest.mark.parametrize("pause", [{"duration": "PT2H"}, {"seconds": 7200}, {"ms": 7_200_000}, {"millis": 7_200_000}])
def test_a_sleep_lasts_however_it_is_written(pause: Json) -> None:
    ended = {"op": "wait", "of": "e", "state": "SUCCESS", "timeout": "PT1S"}
    play(LONG, run(until="RUNNING"), {"op": "sleep", **pause}, ended)


def test_another_flow_is_named_by_its_id_or_with_its_namespace() -> None:
    for named in ({"flow": "say"}, {"flow_id": "say", "namespace": "company"}, {"flow": "company/say"}):
        play(SAY, run(**named, inputs={"n": 1}), expect={"outputs": {"a": {"value": "1"}}})


def test_a_task_run_may_be_named_in_a_step() -> None:
    labels = {"op": "set_labels", "of": "e", "labels": ["k:v"]}
    play(SAY, run(), labels, expect={"labels": {"k": "v"}, "taskruns": [{"id": "{e.taskRunList[0].id}", "index": 0}]})
    play(BREAK, run(), expect={"taskruns": [{"index": 1, "attempts": [{"state": "FAILED"}]}]})


GOOD_EXPECTATIONS: list[Json] = [
    {"executions": {"child": 1}},
    {"executions": {"child": {"state": "SUCCESS"}}},
    {"taskruns": [{"index": 0, "outputs": None}]},
    {"taskruns": [{"index": 0, "attempts": 0}]},
    {"taskruns": [{"index": 2, "attempts": [{"state": "FAILED"}, "FAILED"]}]},
    {"logs": [{"contains": "i", "min_count": 2}]},
    {"taskruns": {"each": {"state": "SUCCESS"}}},
    {"logs": ["broke"]},
]
BAD_EXPECTATIONS: list[Json] = [
    {"executions": {"child": 2}},
    {"executions": {"nobody": {"state": "SUCCESS"}}},
    {"taskruns": [{"index": 1, "outputs": None}]},
    {"taskruns": [{"index": 1, "attempts": 0}]},
    {"taskruns": [{"index": 2, "attempts": ["FAILED"]}]},
    {"logs": [{"contains": "broke", "min_count": 2}]},
    {"taskruns": {"each": {"state": "FAILED"}}},
    {"logs": ["sang"]},
]


@pytest.mark.parametrize("wanted", GOOD_EXPECTATIONS)
def test_an_expectation_in_another_spelling_holds(wanted: Json) -> None:
    look(wanted)


@pytest.mark.parametrize("wanted", BAD_EXPECTATIONS)
def test_an_expectation_in_another_spelling_fails(wanted: Json) -> None:
    with pytest.raises(AssertionError):
        look(wanted)
