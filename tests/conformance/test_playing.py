"""Every step of a case of flows, played in the simulator: one that goes well and one that does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.playing import STEPS
from tests.conformance.run_flows import run_case

Json = dict[str, Any]


def flow(id: str, *tasks: str, more: str = "") -> str:
    return "\n".join([f"id: {id}", "namespace: company", more, "tasks:", *(f"  - {task}" for task in tasks)])


SAY = flow(
    "say",
    "{id: a, type: io.kestra.plugin.core.debug.Return, format: '{{ inputs.n ?? 0 }}'}",
    more="inputs: [{id: n, type: INT, required: false}]",
)
HOLD = flow(
    "hold",
    "{id: p, type: io.kestra.plugin.core.flow.Pause}",
    "{id: z, type: io.kestra.plugin.core.log.Log, message: z}",
)
LONG = flow("long", "{id: s, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}")
BREAK = flow(
    "break",
    "{id: a, type: io.kestra.plugin.core.log.Log, message: a}",
    "{id: f, type: io.kestra.plugin.core.execution.Fail}",
)
ONE = flow(
    "one",
    "{id: s, type: io.kestra.plugin.core.flow.Sleep, duration: PT1H}",
    more="concurrency: {limit: 1, behavior: QUEUE}",
)


def play(source: str, *steps: Json, expect: Json | None = None, **more: Any) -> None:
    case = {"id": "c", "kind": "flow", "needs": {}, "flow_source": source, "steps": list(steps), **more}
    run_case({**case, "expect": expect or {}}, Path(__file__).parent)


def run(name: str = "e", **more: Any) -> Json:
    return {"op": "run", "as": name, **more}


GOOD: dict[str, tuple[str, list[Json], Json]] = {
    "run": (SAY, [run(inputs={"n": 3}, expect={"state": "SUCCESS"})], {"outputs": {"a": {"value": "3"}}}),
    "submit": (SAY, [{"op": "submit", "as": "e", "count": 2}, {"op": "wait", "of": "e1"}], {"min_executions": 2}),
    "wait": (
        HOLD,
        [run(until="CREATED"), {"op": "wait", "of": "e", "state": "PAUSED", "timeout": "PT5S"}],
        {"state": "PAUSED"},
    ),
    "observe": (SAY, [run(until="CREATED"), {"op": "observe", "of": "e", "states_seen": ["RUNNING", "SUCCESS"]}], {}),
    "restart": (
        BREAK,
        [run(), {"op": "restart", "of": "e", "expect": {"state": "RESTARTED", "same_execution_id": True}}],
        {"attempts": {"f": 2}},
    ),
    "replay": (
        SAY,
        [run(), {"op": "replay", "of": "e", "task": "a", "as": "r", "expect": {"same_execution_id": False}}],
        {"executions": [{"as": "r", "state": "SUCCESS"}]},
    ),
    "mark_as": (BREAK, [run(), {"op": "mark_as", "of": "e", "task": "f", "state": "SUCCESS"}], {"state": "SUCCESS"}),
    "resume": (HOLD, [run(until="PAUSED"), {"op": "resume", "of": "e"}], {"state": "SUCCESS"}),
    "kill": (LONG, [run(until="RUNNING"), {"op": "kill", "of": "e"}], {"state": "KILLED"}),
    "kill_execution": (LONG, [run(until="RUNNING"), {"op": "kill_execution", "of": "e"}], {"state": "KILLED"}),
    "pause": (
        LONG,
        [run(until="RUNNING"), {"op": "pause", "of": "e", "expect": {"state": "PAUSED"}}, {"op": "resume", "of": "e"}],
        {"state": "SUCCESS"},
    ),
    "force_run": (
        ONE,
        [run("o", until="RUNNING"), run(until="QUEUED"), {"op": "force_run", "of": "e"}],
        {"of": "e", "state": "SUCCESS"},
    ),
    "force-run": (
        ONE,
        [run("o", until="RUNNING"), run(until="QUEUED"), {"op": "force-run", "of": "e"}],
        {"of": "e", "state": "SUCCESS"},
    ),
    "unqueue": (
        ONE,
        [run("o", until="RUNNING"), run(until="QUEUED"), {"op": "unqueue", "of": "e", "expect": {"state": "RUNNING"}}],
        {},
    ),
    "change_status": (BREAK, [run(), {"op": "change_status", "of": "e", "state": "WARNING"}], {"state": "WARNING"}),
    "change-status": (BREAK, [run(), {"op": "change-status", "of": "e", "state": "WARNING"}], {"state": "WARNING"}),
    "set_labels": (SAY, [run(), {"op": "set_labels", "of": "e", "labels": {"k": "v"}}], {"labels": {"k": "v"}}),
    "delete": (SAY, [run(), run("x"), {"op": "delete", "of": "x", "expect": {"found": False, "log_count": 0}}], {}),
    "update_flow": (
        SAY,
        [{"op": "update_flow", "task": {"id": "a", "format": "new"}}, run(expect={"flow_revision": 2})],
        {"outputs": {"a": {"value": "new"}}},
    ),
    "create": (
        SAY,
        [run(), {"op": "create", "flow_source": LONG.replace("PT1H", "PT1S"), "as": "l"}],
        {"executions": [{"as": "l", "state": "SUCCESS"}]},
    ),
    "eval": (
        SAY,
        [
            run(inputs={"n": 3}),
            {"op": "eval", "of": "e", "taskrun_index": 0, "template": "{{ inputs.n }}", "expect": "3"},
        ],
        {},
    ),
    "skip": (
        SAY,
        [run("r"), {"op": "create", "flow_source": LONG, "as": "s"}, {"op": "skip", "of": "s"}],
        {"executions": [{"as": "s", "state": "CREATED"}]},
    ),
    "clear_cache": (SAY, [run(), {"op": "clear_cache"}], {"state": "SUCCESS"}),
    "sleep": (
        LONG,
        [
            run(until="RUNNING"),
            {"op": "sleep", "duration": "PT2H"},
            {"op": "wait", "of": "e", "state": "SUCCESS", "timeout": "PT1S"},
        ],
        {},
    ),
}
BAD: dict[str, tuple[str, list[Json], Json]] = {
    "run": (SAY, [run(expect={"state": "FAILED"})], {}),
    "submit": (SAY, [{"op": "submit", "as": "e"}], {"min_executions": 2}),
    "wait": (LONG, [run(until="RUNNING"), {"op": "wait", "of": "e", "state": "PAUSED", "timeout": "PT5S"}], {}),
    "observe": (SAY, [run(), {"op": "observe", "of": "e", "states_seen": ["PAUSED", "SUCCESS"]}], {}),
    "restart": (SAY, [run(), {"op": "restart", "of": "e"}], {}),
    "replay": (SAY, [run(), {"op": "replay", "of": "e", "task": "nobody"}], {}),
    "mark_as": (SAY, [run(), {"op": "mark_as", "of": "e", "task": "nobody", "state": "SUCCESS"}], {}),
    "resume": (SAY, [run(), {"op": "resume", "of": "e"}], {}),
    "kill": (SAY, [run(), {"op": "kill", "of": "e"}], {}),
    "kill_execution": (LONG, [run(until="RUNNING"), {"op": "kill_execution", "of": "nobody"}], {}),
    "pause": (SAY, [run(), {"op": "pause", "of": "e"}], {}),
    "force_run": (SAY, [run(), {"op": "force_run", "of": "e"}], {}),
    "force-run": (SAY, [run(), {"op": "force-run", "of": "e"}], {}),
    "unqueue": (SAY, [run(), {"op": "unqueue", "of": "e"}], {}),
    "change_status": (LONG, [run(until="RUNNING"), {"op": "change_status", "of": "e", "state": "WARNING"}], {}),
    "change-status": (LONG, [run(until="RUNNING"), {"op": "change-status", "of": "e", "state": "WARNING"}], {}),
    "set_labels": (SAY, [run(), {"op": "set_labels", "of": "e", "labels": {"k": "v"}}], {"labels": {"k": "w"}}),
    "delete": (SAY, [run(), {"op": "delete", "of": "e", "expect": {"found": True}}], {}),
    "update_flow": (SAY, [{"op": "update_flow", "task": {"id": "nobody"}}], {}),
    "create": (SAY, [run(), {"op": "create"}], {}),
    "eval": (SAY, [run(), {"op": "eval", "of": "e", "taskrun_index": 0, "template": "{{ 1 + 1 }}", "expect": "3"}], {}),
    "skip": (SAY, [run("r"), {"op": "skip", "of": "nobody"}], {}),
    "clear_cache": (SAY, [run(), {"op": "clear_cache", "pocket": "left"}], {}),
    "sleep": (SAY, [run(), {"op": "sleep"}], {}),
    "http": (SAY, [{"op": "http", "method": "GET", "path": "/api/v1/flows/search"}], {}),
}


def test_every_step_has_examples() -> None:
    assert GOOD.keys() | {"http"} == STEPS.keys(), "HTTP has a test of its own"
    assert BAD.keys() == STEPS.keys()


@pytest.mark.parametrize("name", list(GOOD))
def test_a_step_does_what_it_says(name: str) -> None:
    source, steps, expect = GOOD[name]
    play(source, *steps, expect=expect)


@pytest.mark.parametrize("name", list(BAD))
def test_a_step_that_goes_wrong_fails_the_case(name: str) -> None:
    source, steps, expect = BAD[name]
    with pytest.raises(AssertionError):
        play(source, *steps, expect=expect)


def test_an_unknown_step_or_word_of_a_step_fails_the_case() -> None:
    with pytest.raises(AssertionError, match="the step juggle is unknown"):
        play(SAY, {"op": "juggle"})
    with pytest.raises(AssertionError, match=r"the words \['quietly'\] of the step run are unknown"):
        play(SAY, run(quietly=True))


def test_an_unknown_need_fails_the_case() -> None:
    with pytest.raises(AssertionError, match=r"the needs \['moon'\] are unknown"):
        play(SAY, run(), needs={"moon": "full"})


def test_a_case_without_steps_runs_once() -> None:
    play(SAY, inputs={"n": 7}, expect={"state": "SUCCESS", "outputs": {"a": {"value": "7"}}, "inputs": {"n": 7}})


def test_a_refusal_may_be_expected_of_a_step_and_of_a_case() -> None:
    play(SAY, run(), {"op": "resume", "of": "e", "expect_error": {"kind": "IllegalState"}})
    play(SAY, inputs={"n": "x"}, expect={"error": {"message_contains": "`n`"}})
    with pytest.raises(AssertionError, match="is not refused"):
        play(SAY, run(expect_error={"kind": "IllegalState"}))


def test_what_is_only_told_does_not_happen() -> None:
    told = {"op": "restart", "of": "e", "emit": False, "expect": {"state": "RESTARTED"}}
    play(BREAK, run(), told, expect={"state": "FAILED", "attempts": {"f": 1}})


def test_a_restart_of_another_revision_is_another_execution() -> None:
    restart = {"op": "restart", "of": "e", "revision": 2, "as": "r", "expect": {"same_execution_id": False}}
    update = {"op": "update_flow", "replace": {"message: a": "message: b"}}
    play(BREAK, run(), update, restart, expect={"executions": [{"as": "r", "flow_revision": 2, "state": "FAILED"}]})


def test_what_a_case_needs_stands_there() -> None:
    source = flow(
        "needs",
        "{id: a, type: io.kestra.plugin.core.debug.Return, format: \"{{ kv('k') }}\"}",
        "{id: c, type: io.kestra.plugin.core.storage.Concat, files: ['kestra:///in.txt']}",
    )
    needs = {"kv": {"company": {"k": "pair"}}, "storage_files": [{"path": "/in.txt", "content": "file"}]}
    wanted = {"a": {"value": "pair"}, "c": {"uri": {"$storage_content": "file"}}}
    play(source, run(), needs=needs, expect={"outputs": wanted})


def test_names_of_executions_stand_for_their_ids() -> None:
    source = flow("id", "{id: a, type: io.kestra.plugin.core.debug.Return, format: '{{ execution.id }}'}")
    play(source, run(), run("f"), expect={"outputs": {"a": {"value": "$e.id"}}})
    play(source, run(), run("f"), expect={"of": "f", "outputs": {"a": {"value": "{f.id}"}}})
    with pytest.raises(AssertionError):
        play(source, run(), run("f"), expect={"outputs": {"a": {"value": "$f.id"}}})
