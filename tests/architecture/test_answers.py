"""Real answers, one of each noun, compared with the API's description; and the comparison itself."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.http import JsonResponse

from control_plane.kernel.api.openapi import document
from executions.live.streams import async_routes
from tests.cast import Cast, make_cast
from tests.described import differences
from tests.executions.ground import FakeWorker, ended, log_flow, save, start

ME = {"id": "1", "superAdmin": False, "restricted": False, "profile": {"username": "a"}, "auths": [], "tenants": []}
RICH = """
id: rich
namespace: prod.data
labels: {team: data}
inputs:
  - {id: n, type: INT, defaults: 3}
  - {id: name, type: STRING, required: false}
variables: {a: 1}
concurrency: {limit: 5}
tasks:
  - id: choose
    type: io.kestra.plugin.core.flow.If
    condition: "{{ inputs.n > 1 }}"
    then:
      - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}
errors:
  - {id: oops, type: io.kestra.plugin.core.log.Log, message: oh}
triggers:
  - {id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: "0 0 * * *"}
outputs:
  - {id: o, type: STRING, value: "{{ inputs.n }}"}
"""


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (ME, 0),
        ({**ME, "surprise": 1}, 1),
        ({key: value for key, value in ME.items() if key != "id"}, 1),
        ({**ME, "tenants": [{"id": 1, "name": "x"}]}, 1),
        ({**ME, "profile": {"username": "a", "email": None}}, 1),
    ],
    ids=("as described", "one too many", "one missing", "of another type", "null for absent"),
)
def test_an_answer_that_differs_is_noticed(answer: dict[str, object], told: int):
    assert len(differences("GET", "/api/v1/me", JsonResponse(answer))) == told


def test_a_status_that_is_not_described_is_noticed():
    assert differences("GET", "/api/v1/me", JsonResponse(ME, status=201)) == ["status 201 is not declared"]


def test_every_answer_is_described():
    """A handler that says nothing of its answer is described as an object of anything."""
    anything = {"type": "object", "additionalProperties": True}
    untold = {
        f"{method.upper()} {path}"
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        for response in operation["responses"].values()
        for content in response.get("content", {}).values()
        if content["schema"] == anything
    }
    assert sorted(untold - FREE) == []


FREE = {
    "GET /api/v1/openapi",
    "GET /api/v1/plugins/properties/{type}",
    "GET /api/v1/plugins/schemas/{type}",
    "GET /api/v1/{tenant}/namespaces/{id}/inherited-variables",
    "GET /api/v1/{tenant}/outputs/executions/{executionId}",
    "GET /api/v1/{tenant}/outputs/tasks/{executionId}/{taskRunId}",
    "GET /api/v1/{tenant}/outputs/{executionId}/{taskRunId}",
}


def test_every_reference_leads_somewhere():
    named = set(document()["components"]["schemas"])
    asked = {part.partition('"')[0] for part in json.dumps(document()).split("#/components/schemas/")[1:]}
    assert asked == named


def test_streams_are_served_where_they_are_described():
    described = {re.sub(r"{[^}]*}", "x", path) for path, each in document()["paths"].items() if "streams" in tags(each)}
    served = [route.path for route in async_routes if "GET" in route.methods]
    assert len(served) == len(described)
    assert all(any(route.fullmatch(path) for path in described) for route in served)


def tags(methods: dict[str, Any]) -> set[str]:
    return {tag for operation in methods.values() for tag in operation.get("tags", ())}


def test_what_is_read_is_as_described(cast: Cast):
    """The client compares; here is only walked."""
    save(cast, log_flow(tasks=2))
    save(cast, RICH)
    plain, rich = start(cast), start(cast, "rich", inputs={"n": "4"})
    FakeWorker().work_off(lambda job: ended(job, "a line", value=1))
    client = cast.olga.client
    for address in (
        *("me", "me/api-tokens", "configs", "plugins", "plugins/triggers", "plugins/icons", "plugins/inputs"),
        *("acme/flows/search", "acme/flows/source?q=log", "acme/flows/prod.data", "acme/flows/prod.data/rich"),
        *(
            "acme/flows/prod.data/rich/graph",
            "acme/flows/prod.data/rich/revisions",
            "acme/flows/prod.data/rich?source=true",
        ),
        *("acme/flows/prod.data/rich/dependencies", "acme/flows/distinct-namespaces", "acme/flows/deprecated"),
        *("acme/executions/search", "acme/executions?namespace=prod.data&flowId=rich", f"acme/executions/{plain.id}"),
        *(f"acme/executions/{rich.id}", f"acme/executions/{rich.id}/flow", f"acme/executions/{rich.id}/graph"),
        *("acme/executions/namespaces", "acme/executions/namespaces/prod.data/flows"),
        *("acme/logs/search", f"acme/logs/{plain.id}", f"acme/metrics/{plain.id}", f"acme/outputs/{plain.id}"),
        *("acme/metrics/names/prod.data/rich", "acme/metrics/aggregates/prod.data/rich/m"),
        *("acme/namespaces/search", "acme/namespaces/prod.data", "acme/auditlogs/search", "acme/kv", "acme/secrets"),
        *("acme/roles/search", "acme/bindings/search", "acme/tenant-access", "acme/acls/permissions"),
    ):
        answer = client.get(f"/api/v1/{address}")
        assert answer.status_code == 200, (address, answer.content)


def test_what_is_told_of_an_act_is_as_described(cast: Cast):
    save(cast, RICH)
    client = cast.olga.client
    started = client.post("/api/v1/acme/executions/prod.data/rich?labels=a:b", {"n": "7"}).json()
    one = f"/api/v1/acme/executions/{started['id']}"
    checked = client.post("/api/v1/acme/executions/prod.data/rich/validate", {"n": "x"})
    assert checked.json()["inputs"][0]["errors"]
    assert client.post(f"{one}/actions/eval", "{{ inputs.n }}", content_type="text/plain").json() == {"result": "7"}
    assert "error" in client.post(f"{one}/actions/eval", "{{ nonsense() }}", content_type="text/plain").json()
    assert client.delete(f"{one}/actions/kill").status_code == 200
    wrong = client.post("/api/v1/acme/flows/validate", "id: x", content_type="application/x-yaml")
    assert wrong.json()[0]["violations"]
