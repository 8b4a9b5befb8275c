"""The other kinds of cases: each has a case that passes and one that fails, and unknown words fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.__main__ import main
from tests.conformance.outcomes import OWN_DIFFERENCES, SUPERSEDED, TookTooLong, listed, no_longer_than
from tests.conformance.runners import cases_of, files_of, measured_folders, outcome

Json = dict[str, Any]
SOURCE = "id: f\nnamespace: a\ntasks: [{id: l, type: io.kestra.plugin.core.log.Log, message: x}]\n"
CRON = {"id": "s", "type": "io.kestra.plugin.core.trigger.Schedule", "cron": "0 0 * * *"}
DAILY = {"trigger": CRON, "trigger_context": {"date": "2024-05-01T00:00:00Z"}, "server_timezone": "UTC"}
NEXT = {**DAILY, "op": "next_evaluation_date"}
NUMBER = [{"id": "n", "type": "INT"}]
RETURN = {"id": "r", "type": "io.kestra.plugin.core.debug.Return", "format": "{{ a }}"}
LOG = {"id": "l", "type": "io.kestra.plugin.core.log.Log", "message": "said"}
EXPRESSION = {"type": "io.kestra.plugin.core.condition.Expression", "expression": "{{ a == 1 }}"}
DEFAULTS = {"task": {"type": "x.y.Z"}, "flow_defaults": [{"type": "x.y.Z", "values": {"k": 1}}]}
KINDS: list[tuple[str, Json, Json, Json]] = [  # kind, case, what holds, what does not
    ("inputs", {"input_definitions": NUMBER, "inputs": {"n": "5"}}, {"values": {"n": 5}}, {"values": {"n": 6}}),
    ("inputs", {"input_definitions": NUMBER, "inputs": {"n": "5"}}, {"values_exact": {"n": 5}}, {"values_exact": {}}),
    (
        "inputs",
        {"input_definitions": NUMBER, "inputs": {"n": "x"}},
        {"error": {"contains": "`n`"}},
        {"values": {"n": 5}},
    ),
    ("inputs", {"input_definitions": NUMBER, "inputs": {"n": "5"}}, {"has_key": ["n"]}, {"absent": ["n"]}),
    ("condition", {"condition": EXPRESSION, "context": {"a": 1}}, {"valid": True}, {"valid": False}),
    ("condition", {"condition": EXPRESSION, "context": {}}, {"error": {"contains": "a"}}, {"valid": True}),
    ("window", {"time_window": {"window": "PT1H"}}, {"end_minute": {"$gte": 0}}, {"end_minute": 61}),
    ("plugin_defaults", DEFAULTS, {"task": {"k": 1}}, {"absent": ["k"]}),
    ("trigger", {**DAILY, "op": "evaluate"}, {"execution": {"labels": {}}}, {"execution": None}),
    ("trigger", NEXT, {"local_date": "2024-05-02"}, {"local_date": "2024-05-03"}),
    ("trigger", NEXT, {"date_after": "2024-05-01T00:00:00Z"}, {"date_before": "2024-05-01T00:00:00Z"}),
    ("trigger", NEXT, {"date_equals": {"$after": "2024-05-01T00:00:00Z"}}, {"date_equals": None}),
    ("trigger", {**DAILY, "op": "previous_evaluation_date"}, {"day": 30}, {"day": 1}),
    ("scheduler", {"trigger": CRON, "stored_trigger": {"date": "{now-P2D}"}}, {"min_executions": 1}, {"executions": 0}),
    ("task", {"task": RETURN, "context": {"a": 1}}, {"outputs": {"value": "1"}}, {"outputs": {"value": "2"}}),
    ("task", {"task": RETURN, "context": {"a": 1}}, {"outputs_exact": {"value": "1"}}, {"outputs_exact": {}}),
    ("task", {"task": RETURN, "context": {}}, {"error": {"contains": "a"}}, {"state": "SUCCESS"}),
    ("task", {"task": LOG}, {"logs": [{"level": "INFO", "equals": "said"}]}, {"logs": [{"contains": "sung"}]}),
    (
        "task",
        {"task": RETURN, "context": {"a": 1}},
        {"metrics": [["counter", "length", 1]]},
        {"metrics": [["x", "y", 1]]},
    ),
    ("render", {"template": "{{ inputs.a }}", "inputs": {"a": "b"}}, {"rendered": "b"}, {"rendered": "c"}),
]


def write(folder: Path, name: str, *cases: Json) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    dumped = [json.dumps(case) for case in cases]
    path.write_text("\n".join(dumped) if path.suffix == ".jsonl" else f"[{', '.join(dumped)}]")
    return path


@pytest.mark.parametrize(("kind", "case", "good", "bad"), KINDS)
def test_a_kind_of_case_passes_or_fails(tmp_path: Path, kind: str, case: Json, good: Json, bad: Json) -> None:
    path = write(tmp_path, "cases.json")
    played = {"id": "c", "kind": kind, "needs": {}, **case}
    assert not outcome(path, {**played, "expect": good}).problems
    assert outcome(path, {**played, "expect": bad}).problems


@pytest.mark.parametrize(("kind", "case"), [(kind, case) for kind, case, _, _ in KINDS])
def test_an_unknown_word_fails_each_kind(tmp_path: Path, kind: str, case: Json) -> None:
    path = write(tmp_path, "cases.json")
    (problem,) = outcome(path, {"id": "c", "kind": kind, "needs": {}, **case, "expect": {"mood": "good"}}).problems
    assert "mood" in problem and "unknown" in problem


def test_an_unknown_kind_fails_the_case(tmp_path: Path) -> None:
    (problem,) = outcome(write(tmp_path, "cases.json"), {"id": "c", "kind": "dance", "expect": {}}).problems
    assert problem == "nobody runs cases of kind dance"


EXPRESSIONS: list[tuple[Json, Json]] = [
    ({"expect": "1"}, {"expect": "2"}),
    ({"expect_contains": "1"}, {"expect_contains": ["2"]}),
    ({"expect_json": 1}, {"expect_json": 2}),
    ({"expect_not": "2"}, {"expect_not": "1"}),
    ({"expect_startswith": "1"}, {"expect_endswith": "2"}),
    ({"expect_int_range": [0, 2]}, {"expect_int_range": [2, 3]}),
    ({"expect": "1"}, {"expect_error": {"kind": "Illegal"}}),
    ({"expect": "1"}, {"expect": "1", "mood": "good"}),
    ({"expect": "1"}, {"expect": "1", "mode": "sung"}),
]


@pytest.mark.parametrize(("good", "bad"), EXPRESSIONS)
def test_an_expression_passes_or_fails(tmp_path: Path, good: Json, bad: Json) -> None:
    path = write(tmp_path, "expr_cases.json")
    case = {"id": "c", "template": "{{ a }}", "context": {"a": 1}}
    assert not outcome(path, {**case, **good}).problems
    assert outcome(path, {**case, **bad}).problems


VALIDATIONS: list[tuple[str, Json, Json]] = [
    (SOURCE, {"valid": True}, {"valid": False}),
    (SOURCE, {"valid": True}, {"valid": True, "mood": "good"}),
    (SOURCE.replace("message", "massage"), {"valid": False, "path": "tasks[l].massage"}, {"valid": True}),
    (SOURCE.replace("message", "massage"), {"valid": False}, {"valid": False, "path": "tasks[0].id"}),
    (
        SOURCE.replace("message", "massage"),
        {"valid": False, "message_contains": "massage"},
        {"valid": False, "message_contains": ["x!"]},
    ),
]


@pytest.mark.parametrize(("source", "good", "bad"), VALIDATIONS)
def test_a_validation_passes_or_fails(tmp_path: Path, source: str, good: Json, bad: Json) -> None:
    path = write(tmp_path, "validation_cases.json")
    case = {"id": "c", "stage": "validate", "flow_source": source}
    assert not outcome(path, {**case, "expect": good}).problems
    assert outcome(path, {**case, "expect": bad}).problems
    assert outcome(path, {**case, "stage": "sung", "expect": good}).problems == ["the stage sung is unknown"]


def test_a_folder_may_hold_some_of_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(
        tmp_path,
        "expr_cases.json",
        {"id": "a", "template": "{{ 1 }}", "expect": "1"},
        {"id": "b", "template": "x", "expect": "y"},
    )
    assert [path.name for path in files_of(tmp_path)] == ["expr_cases.json"]
    main([str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "passed 1 of 2" and lines[0].startswith("FAILED b: ")


def test_one_case_is_run_by_its_id_and_shows_every_difference(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = {"save": [{"status": 200}], "steps": [{"do": "start", "status": 200}], "executions": {}}
    case = {"flows": [SOURCE.replace("namespace: a", "namespace: __NS__")], "steps": "start", "expected": expected}
    write(tmp_path, "engine-2.0.0/cases.jsonl", {"id": "one", **case}, {"id": "two", **case})
    main([str(tmp_path), "tw*"])
    shown = capsys.readouterr().out
    assert "FAILED two\n   e is there\n      2.0.0  null\n      here   SUCCESS" in shown and "one" not in shown
    assert shown.endswith("passed 0 of 1\n")


def test_measured_cases_of_the_language_have_a_runner_of_their_own(tmp_path: Path) -> None:
    write(tmp_path, "measured/variables.json")
    write(tmp_path, "measured/pebble.jsonl", {"id": "p"})
    assert measured_folders(tmp_path) == [tmp_path / "measured"] and not list(files_of(tmp_path))


def test_what_is_no_list_of_cases_holds_none(tmp_path: Path) -> None:
    path = tmp_path / "about.json"
    path.write_text('{"a": 1}')
    assert cases_of(path) == []


def test_a_case_that_does_not_end_is_broken_off() -> None:
    with pytest.raises(TookTooLong), no_longer_than(1):
        while True:
            pass


@pytest.mark.parametrize("path", [SUPERSEDED, OWN_DIFFERENCES])
def test_a_case_set_aside_has_its_reason(path: Path) -> None:
    assert all(reason.strip() for reason in listed(path).values())
