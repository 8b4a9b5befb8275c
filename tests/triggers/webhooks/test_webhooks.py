"""Requests from outside that start flows."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from audit.models import AuditEntry
from control_plane.kernel.scope import tenant_scope
from flows.services.switching import disable_flows
from flows.services.targets import Name
from stores.secrets.services import put_secret
from tests.cast import ACME, Cast
from tests.executions.ground import save
from tests.triggers.ground import executions_of, trigger_of
from triggers.models import Trigger

pytestmark = pytest.mark.django_db

HOOKED = """
id: hooked
namespace: prod.data
labels: {{team: a}}
{flow}
tasks:
  - {{id: log, type: io.kestra.plugin.core.log.Log, message: x}}
triggers:
  - id: hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: {key}
    {more}
"""
ROOT = "/api/v1/acme/executions/webhook"
URL = f"{ROOT}/prod.data/hooked/the-key"


def hooked(people: Cast, more: str = "", key: str = "the-key", flow: str = "") -> None:
    save(people, HOOKED.format(more=more, key=key, flow=flow))


def send(method: str = "POST", url: str = URL, data: Any = "", kind: str = "application/json", **more: Any) -> Any:
    """As anybody, without credentials."""
    body = data if isinstance(data, str | bytes) else json.dumps(data)
    return Client().generic(method, url, body, content_type=kind, **more)


def variables() -> dict[str, Any]:
    (execution,) = executions_of("hooked")
    assert execution.trigger is not None
    found: dict[str, Any] = execution.trigger["variables"]
    return found


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
def test_whoever_bears_the_key_starts_it(people: Cast, method: str) -> None:
    hooked(people)
    answer = send(method)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    (execution,) = executions_of("hooked")
    assert (told["id"], told["flowId"], told["namespace"]) == (execution.id, "hooked", "prod.data")
    assert told["url"].endswith(f"/ui/acme/executions/prod.data/hooked/{execution.id}")
    assert execution.labels["team"] == "a"
    assert trigger_of("hooked", "hook").fired_at is not None
    with tenant_scope(ACME):
        assert AuditEntry.objects.filter(resource="EXECUTION", object_id=execution.id, action="CREATE").exists()


def test_body_query_and_headers_are_there_but_not_the_session_of_a_browser(people: Cast) -> None:
    hooked(people)
    send(url=f"{URL}?name=john&age=12&age=13", data={"a": [1, True]}, headers={"x-hub": "1", "cookie": "JWT=secret"})
    told = variables()
    assert told["body"] == {"a": [1, True]}
    assert told["parameters"] == {"name": ["john"], "age": ["12", "13"]}
    assert told["headers"]["X-Hub"] == ["1"]
    assert "secret" not in str(told)


@pytest.mark.parametrize(("sent", "body"), [("[1, 2]", [1, 2]), ("plain text", "plain text"), ("7", "7"), ("", None)])
def test_a_body_is_json_where_that_is_a_map_or_a_list(people: Cast, sent: str, body: Any) -> None:
    hooked(people)
    send(data=sent)
    assert variables().get("body") == body


@pytest.mark.parametrize("fetch", ["NONE", "STORE"])
def test_the_body_is_left_out_or_kept_as_a_file(people: Cast, fetch: str) -> None:
    hooked(people, f"fetchType: {fetch}")
    send(data={"a": 1})
    told = variables()
    assert "body" not in told
    assert ("uri" in told) is (fetch == "STORE")
    if fetch == "STORE":
        (execution,) = executions_of("hooked")
        path = {"path": told["uri"]}
        answer = people.olga.client.get(f"/api/v1/acme/executions/{execution.id}/file", path)
        assert b"".join(answer.streaming_content) == b'{"a": 1}'  # type: ignore[attr-defined]  # a stream


def test_a_form_has_fields_and_files(people: Cast) -> None:
    hooked(people)
    answer = Client().post(URL, {"name": "Ada", "notes": SimpleUploadedFile("n.txt", b"content", "text/plain")})
    assert answer.status_code == 200, answer.content
    told = variables()
    assert told["formFields"] == {"name": ["Ada"]}
    (part,) = told["parts"]
    assert (part["name"], part["filename"], part["contentType"]) == ("notes", "n.txt", "text/plain")
    assert part["uri"].startswith("kestra:///prod/data/hooked/executions/")


def test_a_condition_that_does_not_hold_starts_nothing_and_says_so(people: Cast) -> None:
    hooked(people, "when: \"{{ trigger.body.action == 'opened' }}\"")
    assert send(data={"action": "closed"}).status_code == 204
    assert executions_of("hooked") == []
    assert send(data={"action": "opened"}).status_code == 200
    undecided = send(data="")
    assert undecided.status_code == 422
    assert undecided.json()["code"] == "webhook_undecided"


def test_one_that_fails_on_errors_starts_an_execution_that_says_what_could_not_be_decided(people: Cast) -> None:
    hooked(people, "when: \"{{ trigger.body.action == 'opened' }}\"\n    failOnTriggerError: true")
    assert send(data={"action": "closed"}).status_code == 204
    assert send(data="").status_code == 200
    (execution,) = executions_of("hooked")
    assert execution.state == "FAILED"


@pytest.mark.parametrize(
    "url",
    [
        f"{ROOT}/prod.data/hooked/wrong-key",
        f"{ROOT}/prod.data/nobody/the-key",
        f"{ROOT}/elsewhere/hooked/the-key",
        f"{ROOT}/prod.data/hooked/the-key/below",
        "/api/v1/globex/executions/webhook/prod.data/hooked/the-key",
        "/api/v1/nowhere/executions/webhook/prod.data/hooked/the-key",
    ],
)
def test_a_wrong_key_is_the_same_answer_as_no_flow_at_all(people: Cast, url: str) -> None:
    hooked(people)
    answer = send(url=url)
    told = answer.json()
    assert answer.status_code == 404
    assert (told["message"], told["code"]) == ("Not Found: no webhook has this address", "not_found")
    assert executions_of("hooked") == []


def test_a_key_may_be_a_secret(people: Cast) -> None:
    put_secret(people.olga.context(ACME), namespace="prod", key="HOOK_KEY", value="hidden-key")
    hooked(people, key="\"{{ secret('HOOK_KEY') }}\"")
    assert send(url=f"{ROOT}/prod.data/hooked/hidden-key").status_code == 200
    assert send().status_code == 404


def test_a_key_that_cannot_be_rendered_matches_nothing_and_hides_no_other(people: Cast) -> None:
    second = "\n  - {id: other, type: io.kestra.plugin.core.trigger.Webhook, key: other-key}"
    hooked(people, key="\"{{ secret('MISSING') }}\"", more=second)
    assert send().status_code == 404
    assert send(url=f"{ROOT}/prod.data/hooked/other-key").status_code == 200


def test_one_that_is_disabled_says_so_to_whoever_bears_the_key(people: Cast) -> None:
    hooked(people)
    with tenant_scope(ACME):
        Trigger.objects.update(is_disabled=True)
    assert send().status_code == 409
    assert send(url=f"{ROOT}/prod.data/hooked/wrong-key").status_code == 404
    with tenant_scope(ACME):
        Trigger.objects.update(is_disabled=False)
    disable_flows(people.olga.context(ACME), names=[Name("prod.data", "hooked")])
    assert send().status_code == 409
    assert executions_of("hooked") == []


def test_inputs_are_made_of_the_request_and_what_does_not_fit_is_refused_whole(people: Cast) -> None:
    hooked(people, 'inputs: {n: "{{ trigger.body.n }}"}', flow="inputs: [{id: n, type: INT}]")
    assert send(data={"n": 7}).status_code == 200
    assert executions_of("hooked")[0].inputs == {"n": 7}
    for wrong in ({"n": "many"}, {}):
        answer = send(data=wrong)
        assert answer.status_code == 422, answer.content
    assert len(executions_of("hooked")) == 1


def test_the_answer_has_the_code_that_the_flow_wants(people: Cast) -> None:
    hooked(people, "responseCode: 202")
    assert send().status_code == 202


def test_a_burst_loses_none(people: Cast) -> None:
    hooked(people, "allowConcurrent: true")

    def burst(number: int) -> int:
        try:
            return int(send(data={"n": number}).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(burst, range(60))) == {200}
    bodies = {each.trigger["variables"]["body"]["n"] for each in executions_of("hooked") if each.trigger}
    assert bodies == set(range(60))
