"""The runner of measured engine cases itself: what it plays, what it writes down, and what it takes for a difference."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.engine_cases.differences import differences
from tests.conformance.engine_cases.live_host import LiveHost
from tests.conformance.engine_cases.playing import Play
from tests.conformance.engine_cases.simulated_host import SimulatedHost
from tests.conformance.engine_cases.wording import Wording, alike
from tests.conformance.live import Api
from tests.conformance.run_engine import run_case

LOG = """
id: said
namespace: __NS__
inputs: [{id: n, type: INT, required: false}]
tasks:
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.n ?? 0 }}"}
  - {id: b, type: io.kestra.plugin.core.log.Log, message: "in {{ flow.namespace }}, {{ execution.id }}"}
"""
WAIT = "id: wait\nnamespace: __NS__\ntasks: [{id: z, type: io.kestra.plugin.core.flow.Sleep, duration: PT20S}]\n"
HOLD = "id: hold\nnamespace: __NS__\ntasks: [{id: p, type: io.kestra.plugin.core.flow.Pause}]\n"


def played(flow: str, *steps: dict[str, Any]) -> dict[str, Any]:
    case = {"id": "c", "flows": [flow], "steps": list(steps) or "start the last flow without inputs"}
    return Play(SimulatedHost("dsim.c"), Wording("dsim.c", "http://127.0.0.1:1")).run(case)


def test_a_case_without_steps_starts_its_last_flow() -> None:
    found = played(LOG)
    assert found["save"] == [{"status": 200}] and found["steps"] == [{"do": "start", "status": 200}]
    assert found["executions"]["e"]["state"] == "SUCCESS"


def test_names_of_a_run_are_written_as_the_case_writes_them() -> None:
    lines = played(LOG)["executions"]["e"]["logs"]
    assert lines[-1] == {"task": "b", "value": None, "level": "INFO", "message": "in NS, <exec>"}


def test_a_refused_flow_plays_no_step() -> None:
    found = played(LOG.replace("tasks:", "tsks:"), {"do": "start"})
    assert found["save"][0]["status"] == 422 and not found["steps"]


def test_a_refused_start_tells_why_and_leaves_no_execution() -> None:
    found = played(LOG, {"do": "start", "inputs": {"n": "abc"}})
    assert found["steps"][0]["status"] == 422 and "abc" in found["steps"][0]["message"] and not found["executions"]


def test_an_unknown_step_fails_the_case() -> None:
    with pytest.raises(AssertionError, match="the step juggle is unknown"):
        played(LOG, {"do": "juggle"})


def test_a_start_may_wait_for_a_state_and_be_killed() -> None:
    found = played(WAIT, {"do": "start", "until": "RUNNING"}, {"do": "sleep", "s": 1}, {"do": "kill"})
    assert [step.get("status") for step in found["steps"]] == [200, None, 200]
    assert found["executions"]["e"]["state"] == "KILLED"


def test_what_does_not_end_in_time_is_late() -> None:
    assert played(WAIT, {"do": "start", "limit": 4})["steps"][0]["late"] == "RUNNING"


def test_what_ends_before_the_awaited_state_is_early() -> None:
    assert played(LOG, {"do": "start", "until": "PAUSED"})["steps"][0]["early"] == "SUCCESS"


def test_a_pause_is_resumed() -> None:
    found = played(HOLD, {"do": "start", "until": "PAUSED"}, {"do": "resume"})
    assert found["executions"]["e"]["state"] == "SUCCESS"


def test_a_replay_is_another_execution() -> None:
    found = played(LOG, {"do": "start"}, {"do": "replay", "task": "b"}, {"do": "replay", "to": "whole"})
    assert found["executions"].keys() == {"e", "e_replay", "whole"}


def test_all_executions_of_a_flow_have_numbers() -> None:
    found = played(LOG, {"do": "start"}, {"do": "start", "as": "f"}, {"do": "all", "flow": "said", "as": "x"})
    assert found["steps"][2]["count"] == 2 and {"x0", "x1"} <= found["executions"].keys()


def test_inputs_are_tried() -> None:
    (said,) = played(LOG, {"do": "validate", "inputs": {"n": "x"}})["steps"]
    assert said["inputs"][0]["id"] == "n" and len(said["inputs"][0]["errors"]) == 1


def test_a_missing_pair_is_not_found() -> None:
    assert played(LOG, {"do": "kv", "key": "k"})["steps"][0]["status"] == 404


def recorded() -> dict[str, Any]:
    return played(LOG)


def without_a_run(found: dict[str, Any]) -> None:
    found["executions"]["e"]["taskRuns"].pop()


def with_(*path: str | int, value: Any) -> Callable[[dict[str, Any]], None]:
    def change(found: Any) -> None:
        for key in path[:-1]:
            found = found[key]
        found[path[-1]] = value

    return change


E = ("executions", "e")
BEHAVIOUR = [
    with_(*E, "state", value="FAILED"),
    with_(*E, "history", value=["CREATED"]),
    with_(*E, "labels", value=["a=b"]),
    with_(*E, "taskRuns", 0, "history", value=["CREATED"]),
    with_(*E, "taskRuns", 0, "attempts", value=[["CREATED"], ["CREATED"]]),
    with_(*E, "taskRuns", 0, "outputs", value={"value": "x"}),
    with_("save", 0, "status", value=422),
    with_("steps", 0, "late", value="RUNNING"),
    with_("executions", value={}),
    without_a_run,
]
WORDS = [
    with_(*E, "logs", value=[]),
    with_(*E, "metrics", value=["a:x:counter:1.0:{}"]),
    with_("steps", 0, "status", value=201),
]
THE_SAME = [
    with_(*E, "outputs", value=None),
    with_(*E, "taskRuns", 0, "history", value=["CREATED", "SUBMITTED", "RUNNING", "SUCCESS"]),
    with_(*E, "labels", value=["system.correlationId=<id>", "system.from=api"]),
]


@pytest.mark.parametrize("change", BEHAVIOUR)
def test_another_behaviour_is_a_difference_of_the_first_grade(change: Callable[[dict[str, Any]], None]) -> None:
    expected = recorded()
    change(expected)
    found = differences(expected, recorded())
    assert found and any(not each.is_words for each in found)


@pytest.mark.parametrize("change", WORDS)
def test_other_words_are_a_difference_of_the_second_grade(change: Callable[[dict[str, Any]], None]) -> None:
    expected = recorded()
    change(expected)
    found = differences(expected, recorded())
    assert found and all(each.is_words for each in found)


@pytest.mark.parametrize("change", THE_SAME)
def test_what_is_told_another_way_is_no_difference(change: Callable[[dict[str, Any]], None]) -> None:
    expected = recorded()
    change(expected)
    assert not differences(expected, recorded())


def test_a_case_that_is_not_stable_is_played_and_set_aside() -> None:
    case = {"id": "c", "flows": [LOG], "steps": "start", "expected": recorded(), "stable": False}
    found = run_case(case, Path())
    assert found.is_passed and found.aside == "not stable in the reference"
    other = run_case({**copy.deepcopy(case), "stable": True, "defect_of_the_reference": True}, Path())
    assert other.aside == "a defect of the reference"


def test_files_of_a_server_bear_no_name() -> None:
    assert alike("kestra:///NS/x/executions/e1/a.txt") == alike("kestra:///NS/x/executions/e1/b.txt")
    assert alike("kestra:///NS/x/a.txt") != alike("kestra:///NS/y/a.txt")


def test_the_order_of_printed_maps_and_classes_of_java_are_no_difference() -> None:
    assert alike('INFO {"b":1,"a":[{"d":2,"c":3}]} x') == alike('INFO {"a":[{"c":3,"d":2}],"b":1} x')
    assert alike("INFO [1, 2] {{ flow.id }}") != alike("INFO [2, 1] {{ flow.id }}")
    assert alike("ERROR io.some.error.OddException: no way") == alike("ERROR no way")


def test_a_running_instance_is_played_over_http() -> None:
    """As far as a server is heard that answers what the contract says."""
    asked: list[str] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path}")
        return _answer(request)

    api = Api(httpx.Client(base_url="http://orrery", transport=httpx.MockTransport(serve)), "main")
    case = {"id": "c", "flows": [LOG], "steps": [{"do": "start", "inputs": {"n": 1}}, {"do": "kv", "key": "k"}]}
    found = Play(LiveHost(api, "dlive.c"), Wording("dlive.c", "http://small")).run(case)
    assert asked[:2] == ["POST /api/v1/main/flows", "POST /api/v1/main/executions/dlive.c/said"]
    assert found["executions"]["e"]["taskRuns"][0]["outputs"] == {"value": "v"}
    assert found["executions"]["e"]["logs"][0]["message"] == "of <exec> in NS"
    assert found["steps"][1] == {"do": "kv", "status": 404, "value": "no such pair"}


def _answer(request: httpx.Request) -> httpx.Response:
    state = {"current": "SUCCESS", "histories": [{"state": "SUCCESS", "date": "2026-01-01T00:00:00Z"}]}
    run = {"id": "run1", "taskId": "a", "state": state, "attempts": [{"state": state}]}
    shown = {"id": "e1", "namespace": "dlive.c", "flowId": "said", "state": state, "taskRunList": [run]}
    line = {"level": "INFO", "message": "of e1 in dlive.c", "taskId": "a", "taskRunId": "run1"}
    answers: dict[str, Any] = {"/outputs/e1/run1": {"value": "v"}, "/logs/e1": [line], "/metrics/e1": {"results": []}}
    path = request.url.path.removeprefix("/api/v1/main")
    if "/kv/" in path:
        return httpx.Response(404, json={"message": "no such pair"})
    return httpx.Response(200, json=answers.get(path, shown))
