"""Every word a case may expect of an execution, with one that fits and one that does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conformance.expectations import CHECKS, expect
from tests.conformance.expected_logs import OF_A_LINE
from tests.conformance.expected_runs import OF_A_RUN, RELATIONS
from tests.conformance.looking import find
from tests.conformance.matchers import Matching
from tests.conformance.messages import MESSAGE_CHECKS, check_message
from tests.conformance.seen import Seen, SeenLine, SeenRun

START, END = (datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC) for second in (0, 5))


def execution() -> Seen:
    each = SeenRun("r0", "each", "SUCCESS", ["CREATED", "RUNNING", "SUCCESS"])
    outputs = {"value": "first", "uri": "kestra:///a.txt"}
    first = SeenRun("r1", "say", "SUCCESS", ["CREATED", "RUNNING", "SUCCESS"], "a", 0, "r0", [["SUCCESS"]], outputs)
    attempts = [["RUNNING", "FAILED"], ["RUNNING", "FAILED"]]
    second = SeenRun("r2", "say", "FAILED", ["CREATED", "FAILED"], "b", 1, "r0", attempts, {"value": "first or second"})
    return Seen(
        id="e1",
        namespace="company",
        flow_id="flow",
        flow_revision=2,
        state="FAILED",
        history=["CREATED", "RUNNING", "FAILED"],
        labels=[("team", "a"), ("system.correlationId", "e1")],
        inputs={"n": 1},
        outputs={"o": "x"},
        variables={"v": 1},
        trigger={"id": "t", "variables": {"executionId": "p1"}},
        parent_id="p1",
        original_id="e1",
        schedule_date="2026-01-01T00:00:00Z",
        kind="NORMAL",
        runs=[each, first, second],
        logs=[SeenLine("ERROR", "it broke badly", "say", "r2"), SeenLine("INFO", "said", "say", "r1")],
        dates=[START, START, END],
    )


class Stage:
    """One execution and a child of it."""

    def __init__(self) -> None:
        self.matching = Matching(read={"kestra:///a.txt": b"content"}.__getitem__, now=lambda: END)
        child = Seen("c1", "company", "child", 1, "SUCCESS", ["CREATED", "SUCCESS"], outputs={"s": "ok"})
        self.found = {"e1": execution(), "c1": child}
        self.named = {"root": "e1", "c": "c1"}

    def see(self, execution_id: str) -> Seen:
        return self.found[execution_id]

    def all(self) -> Sequence[Seen]:
        return list(self.found.values())


EXAMPLES: dict[str, tuple[Any, Any]] = {  # what holds, what does not
    "id": ("e1", "e2"),
    "state": ("FAILED", "SUCCESS"),
    "namespace": ("company", "other"),
    "flow_id": ("flow", "other"),
    "flow_revision": (2, 1),
    "revision": (2, 1),
    "kind": ("NORMAL", "TEST"),
    "taskrun_count": ({"$gte": 3}, 2),
    "failed_taskrun_count": (1, 0),
    "taskrun_state_counts": ({"SUCCESS": 2}, {"SUCCESS": 1}),
    "all_taskruns_state": ({"$in": ["SUCCESS", "FAILED"]}, "SUCCESS"),
    "task_states": ({"say": ["SUCCESS"]}, {"say": ["FAILED"]}),
    "task_counts": ({"say": 2, "nobody": 0}, {"say": 1}),
    "absent_tasks": (["nobody"], ["say"]),
    "taskruns": ([{"index": 1, "state": "SUCCESS"}], [{"index": 1, "state": "FAILED"}]),
    "outputs": ({"say": {"value": "first"}}, {"say": {"value": "other"}}),
    "outputs_exact": ({"each": {}}, {"say": {"value": "first"}}),
    "outputs_tree": ({"say": {"b": {"value": "first or second"}}}, {"say": {"c": {"value": "x"}}}),
    "outputs_tree_exact": ({"say": {"a": {"$size": 2}, "b": {"$size": 1}}}, {"say": {"a": {"value": "first"}}}),
    "flow_outputs": ({"o": "x"}, {"o": "y"}),
    "flow_outputs_exact": ({"o": "x"}, {}),
    "execution_inputs": ({"n": 1}, {"n": 2}),
    "execution_inputs_exact": ({"n": 1}, {}),
    "inputs": ({"n": 1}, {"n": 2}),
    "inputs_exact": ({"n": 1}, {}),
    "variables": ({"v": 1}, {"v": 2}),
    "labels": ({"team": "a"}, {"team": "b"}),
    "labels_exact": ([{"key": "team", "value": "a"}], {}),
    "labels_prefix": ([["team", "a"]], [["team", "b"]]),
    "labels_count": (2, 1),
    "state_history": (["CREATED", "RUNNING"], ["CREATED", "FAILED"]),
    "state_history_exact": (["CREATED", "RUNNING", "FAILED"], ["CREATED"]),
    "state_history_len": (3, 2),
    "state_history_contains": (["RUNNING"], ["PAUSED"]),
    "same_execution_id": (False, True),
    "parent_id": ("p1", None),
    "original_id": ("e1", "p1"),
    "relations": (
        [{"left": {"index": 2, "path": "value"}, "right": {"task": "say", "path": "value"}}],
        [{"left": {"index": 1, "path": "value"}, "right": {"index": 2, "path": "value"}}],
    ),
    "logs": ([{"contains": "broke"}], [{"contains": "danced"}]),
    "no_logs": ([{"contains": "danced"}], [{"contains": "broke"}]),
    "log_count": (2, 3),
    "log_count_min_level": ({"INFO": 2, "WARN": 1}, {"INFO": 1}),
    "log_count_containing": ({"broke": 2, "danced": 0}, {"broke": 0}),
    "executions": (
        [{"as": "c", "state": "SUCCESS"}, {"flow": "child", "count": 1}],
        [{"flow_id": "child", "count": 2}],
    ),
    "executions_of_flow_terminal_states_any_order": (["FAILED"], ["SUCCESS"]),
    "min_executions": ({"child": 1}, {"child": 2}),
    "no_execution_of": ("nobody", "child"),
    "attempts": ({"say": 1}, {"say": 2}),
    "trigger": ({"variables": {"executionId": "p1"}}, {"id": "other"}),
    "storage_content": ({"$outputs.say.a.uri": "content"}, {"kestra:///a.txt": "other"}),
    "schedule_date": ("2026-01-01T00:00:10Z", "2026-01-02T00:00:00Z"),
    "within": ("PT5S", "PT4S"),
    "max_duration": ("PT5S", "PT4S"),
    "min_duration": ("PT5S", "PT6S"),
    "duration": ({"$gte": 5}, {"$gt": 5}),
    "duration_seconds": (5, 6),
}
RUNS: dict[str, tuple[Any, Any]] = {
    "id": ("r2", "r1"),
    "task": ("say", "each"),
    "task_id": ("say", "each"),
    "state": ("FAILED", "SUCCESS"),
    "value": ("b", "a"),
    "iteration": (1, 0),
    "attempts": (2, None),
    "attempts_count": (2, 1),
    "attempt_count": (2, 1),
    "attempt_states": (["FAILED", "FAILED"], ["FAILED"]),
    "outputs": ({"value": {"$contains": "second"}}, {"value": "x"}),
    "outputs_exact": ({"value": "first or second"}, {}),
    "parent": ("each", None),
    "parent_task": ({"task": "each"}, "say"),
    "parent_id": ("r0", None),
    "parent_index": (0, 1),
    "history": (["CREATED"], ["RUNNING"]),
    "state_history": (["CREATED", "FAILED"], ["FAILED"]),
    "history_len": (2, 3),
    "state_history_len": (2, 3),
    "history_counts": ({"FAILED": 1, "PAUSED": 0}, {"FAILED": 2}),
    "same_id": (False, True),
}
LINES: dict[str, tuple[Any, Any]] = {
    "contains": (["broke", "badly"], "well"),
    "equals": ("it broke badly", "it broke"),
    "message": ("it broke badly", "it broke"),
    "starts_with": ("it", "broke"),
    "startswith": ("it", "broke"),
    "ends_with": ("badly", "broke"),
    "endswith": ("badly", "broke"),
    "regex": ("b.oke", "d.nced"),
    "not_contains": ("danced", "a"),
    "level": ("ERROR", "WARN"),
    "task": ("say", "each"),
    "task_id": ("say", "each"),
    "taskrun_index": (2, 0),
}
SIDES: dict[str, tuple[str, str]] = {
    "contains": ("abc", "b"),
    "not_contains": ("abc", "d"),
    "equals": ("a", "a"),
    "==": ("a", "a"),
    "not_equals": ("a", "b"),
    "!=": ("a", "b"),
    "startswith": ("abc", "a"),
    "endswith": ("abc", "c"),
    "after": ("2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"),
    "gt": ("10", "9"),
    "lt": ("9", "10"),
}


def look(wanted: dict[str, Any]) -> None:
    stage = Stage()
    expect(stage, stage.see("e1"), wanted, Seen("e0", "company", "flow", 1, "SUCCESS", ["CREATED"]))


@pytest.mark.parametrize(
    ("examples", "words"),
    [(EXAMPLES, CHECKS), (RUNS, OF_A_RUN), (LINES, OF_A_LINE), (SIDES, RELATIONS)],
    ids=["executions", "task runs", "lines", "relations"],
)
def test_every_word_has_an_example(examples: dict[str, Any], words: dict[str, Any]) -> None:
    assert examples.keys() == words.keys()


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_an_expectation_of_an_execution_holds_or_fails(name: str) -> None:
    good, bad = EXAMPLES[name]
    look({name: good})
    with pytest.raises(AssertionError):
        look({name: bad})


@pytest.mark.parametrize("name", list(RUNS))
def test_an_expectation_of_a_task_run_holds_or_fails(name: str) -> None:
    good, bad = RUNS[name]
    look({"taskruns": [{"index": 2, name: good}]})
    with pytest.raises(AssertionError):
        look({"taskruns": [{"index": 2, name: bad}]})


@pytest.mark.parametrize("name", list(LINES))
def test_an_expectation_of_a_line_holds_or_fails(name: str) -> None:
    good, bad = LINES[name]
    look({"logs": [{"level": "ERROR", name: good} if name != "level" else {name: good}]})
    with pytest.raises(AssertionError):
        look({"logs": [{"contains": "broke", name: bad} if name != "contains" else {name: bad}]})


@pytest.mark.parametrize("name", list(SIDES))
def test_a_relation_holds_or_fails(name: str) -> None:
    left, right = SIDES[name]
    assert RELATIONS[name](left, right)
    opposite = {"equals": ("a", "b"), "==": ("a", "b"), "not_equals": ("a", "a"), "!=": ("a", "a")}
    other = opposite.get(name, ("abc", "b") if name == "not_contains" else (right, left))
    assert not RELATIONS[name](*other)


@pytest.mark.parametrize(
    ("wanted", "word"),
    [
        ({"mood": "good"}, "the expectation mood is unknown"),
        ({"taskruns": [{"index": 0, "mood": "good"}]}, "the expectation mood of a task run is unknown"),
        ({"logs": [{"sings": "la"}]}, "the expectation sings of a log line is unknown"),
        ({"executions": [{"as": "c", "mood": "good"}]}, "the expectation mood is unknown"),
        ({"relations": [{"left": "a", "right": "b", "op": "likes"}]}, "the relation likes is unknown"),
    ],
)
def test_an_unknown_word_fails_the_case(wanted: dict[str, Any], word: str) -> None:
    with pytest.raises(AssertionError, match=word):
        look(wanted)


def test_a_task_run_is_meant_by_its_place_its_values_or_its_value() -> None:
    seen = execution()
    assert find(seen, {"index": -1}).id == "r2"
    assert find(seen, {"task": "say", "values": ["b"]}).id == "r2"
    assert find(seen, {"task_id": "say", "value": "b"}).id == "r2"
    with pytest.raises(AssertionError, match="there is no task run"):
        find(seen, {"task": "say", "value": "c"})


def test_labels_may_be_named_after_a_task_run() -> None:
    stage = Stage()
    stage.found["e1"].labels.append(("by", "r0"))
    expect(stage, stage.see("e1"), {"labels": {"by": "$taskrun(each).id"}})


MESSAGES: dict[str, tuple[Any, Any]] = {
    "kind": ("Illegal", None),
    "status": (422, None),
    "contains": (["is", "wrong"], "right"),
    "message": ("wrong", "right"),
    "message_contains": ("wrong", "right"),
    "equals": ("it is wrong", "it is"),
    "message_equals": ("it is wrong", "it is"),
    "starts_with": ("it", "is"),
    "message_starts_with": ("it", "is"),
    "ends_with": ("wrong", "is"),
    "regex": ("^it.*g$", "^is"),
}


def test_every_word_of_a_refusal_has_an_example() -> None:
    assert MESSAGES.keys() == MESSAGE_CHECKS.keys()


@pytest.mark.parametrize("name", list(MESSAGES))
def test_a_refusal_says_what_it_should(name: str) -> None:
    good, bad = MESSAGES[name]
    check_message({name: good}, "it is wrong")
    if bad is not None:
        with pytest.raises(AssertionError):
            check_message({name: bad}, "it is wrong")


def test_an_unknown_word_of_a_refusal_fails_the_case() -> None:
    with pytest.raises(AssertionError, match="the expectation tone of an error is unknown"):
        check_message({"tone": "harsh"}, "it is wrong")
