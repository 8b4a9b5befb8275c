"""Steps that speak HTTP, against a server that answers what a test says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conformance.http_steps import HttpSteps, translated
from tests.conformance.live import Api
from tests.conformance.playing import Played
from tests.conformance.served_stage import ServedRuns

Json = dict[str, Any]
STATE = {"current": "SUCCESS", "histories": [{"state": "CREATED", "date": "2026-01-01T00:00:00Z"}]}
SHOWN = {"id": "e1", "namespace": "company", "flowId": "flow", "state": STATE, "taskRunList": []}


@pytest.mark.parametrize(
    ("older", "now"),
    [
        ("/api/v1/executions/e1/restart?revision=2", "/executions/e1/actions/restart?revision=2"),
        ("/api/v1/executions/e1/replay?taskRunId=t", "/executions/e1/actions/replay?taskRunId=t"),
        ("/api/v1/executions/e1/kill", "/executions/e1/actions/kill"),
        ("/api/v1/executions/e1/resume", "/executions/e1/actions/resume"),
        ("/api/v1/executions/e1/state", "/executions/e1/actions/state"),
        ("/api/v1/executions/e1/eval/t1", "/executions/e1/actions/eval/t1"),
        ("/api/v1/executions/trigger/company/flow", "/executions/company/flow"),
        ("/api/v1/executions/replay/by-ids", "/executions/replay/by-ids"),
        ("/api/v1/main/flows/company", "/flows/company"),
        ("/executions/e1/actions/kill", "/executions/e1/actions/kill"),
        ("/executions/webhook/company/flow/key", "/executions/webhook/company/flow/key"),
    ],
)
def test_an_address_of_an_older_generation_is_translated(older: str, now: str) -> None:
    assert translated(older) == now


def step(answer: Callable[[httpx.Request], httpx.Response] | httpx.Response, **said: Any) -> list[httpx.Request]:
    """Play one step; the requests it made."""
    asked: list[httpx.Request] = []

    def serve(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return answer if isinstance(answer, httpx.Response) else answer(request)

    api = Api(httpx.Client(base_url="http://orrery", transport=httpx.MockTransport(serve)), "main")
    played = Played({"id": "c", "needs": {}}, Path(__file__).parent, ServedRuns(api), http=HttpSteps(api))
    played.step({"op": "http", "method": "POST", "path": "/flows", **said})
    return asked


def ok(body: Any = None, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body if body is not None else {})


@pytest.mark.parametrize(
    ("sent", "content_type", "part"),
    [
        ({"json": {"a": [1]}}, "application/json", b'"a"'),
        ({"body": {"a": 1}}, "application/json", b'"a"'),
        ({"body": [{"a": 1}]}, "application/json", b'"a"'),
        ({"body": "id: x"}, "application/x-yaml", b"id: x"),
        ({"body": "plain", "content_type": "text/plain"}, "text/plain", b"plain"),
        ({"form": {"a": "1"}}, "application/x-www-form-urlencoded", b"a=1"),
        ({"multipart": {"a": 1, "f": f"$file:{Path(__file__).name}"}}, "multipart/form-data", b"test_http_steps.py"),
    ],
)
def test_a_body_goes_as_the_case_says(sent: Json, content_type: str, part: bytes) -> None:
    (request,) = step(ok(), **sent)
    assert request.headers["Content-Type"].startswith(content_type) and part in request.read()


def test_headers_go_along() -> None:
    (request,) = step(ok(), headers={"X-Test": "yes"})
    assert request.headers["X-Test"] == "yes"


GOOD: list[Json] = [
    {"expect_status": 200},
    {"expect_status": 202},
    {"expect_body": {"id": "e1", "taskRunList": {"$size": 0}}},
    {"expect_json": {"id": "e1"}},
    {"expect_body_contains": ["company"]},
    {"expect_headers": {"content-type": {"$contains": "json"}}},
]
BAD: list[Json] = [
    {"expect_status": 404},
    {"expect_status_error": 422},
    {"expect_body": {"id": "e2"}},
    {"expect_json": {"id": "e2"}},
    {"expect_body_contains": ["other"]},
    {"expect_headers": {"content-type": "text/plain"}},
    {"expect": {"state": "FAILED"}},
]


@pytest.mark.parametrize("said", GOOD)
def test_what_is_expected_of_an_answer_holds(said: Json) -> None:
    step(ok(SHOWN), **said)


@pytest.mark.parametrize("said", BAD)
def test_what_is_expected_of_an_answer_fails(said: Json) -> None:
    with pytest.raises(AssertionError):
        step(ok(SHOWN), **said)


def test_an_execution_in_an_answer_is_looked_at() -> None:
    step(ok(SHOWN), expect={"state": "SUCCESS", "flow_id": "flow"})


def test_a_refusal_may_be_expected() -> None:
    step(ok({"message": "it is wrong"}, 409), expect_status_error=422)
    step(ok({"message": "it is wrong"}, 404), expect_status=422)


def test_a_get_is_asked_again_until_it_fits() -> None:
    bodies = iter([{"total": 1}, {"total": 2}, {"total": 2}])
    step(lambda request: ok(next(bodies)), method="GET", path="/executions/search", expect_body={"total": 2})


def test_a_number_of_done_acts_has_a_name_of_its_own_by_now() -> None:
    step(ok({"totalItems": 2}), expect_body={"count": 2})
    step(ok({"count": 2}), expect_body={"count": 2})


def test_json_is_sent_with_its_placeholders_filled() -> None:
    (request,) = step(ok(), json={"at": "{today}"})
    assert "{" not in json.loads(request.read())["at"]
