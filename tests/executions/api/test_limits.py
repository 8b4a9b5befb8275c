"""How many executions of a flow run at once, who waits, and how the count is mended."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditEntry
from control_plane.kernel.scope import tenant_scope
from executions.models import ConcurrencySlot
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, row, save, start

pytestmark = pytest.mark.django_db

URL = "/api/v1/acme/concurrency-limit"
LIMITED = """
id: {flow_id}
namespace: prod.data
{more}
tasks:
  - {{id: a, type: io.kestra.plugin.core.log.Log, message: a}}
"""


def limited(people: Cast, flow_id: str = "narrow", more: str = "concurrency: {limit: 2}") -> None:
    save(people, LIMITED.format(flow_id=flow_id, more=more))


def search(people: Cast, query: str = "") -> list[dict[str, Any]]:
    answer = people.olga.client.get(f"{URL}/search{query}")
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert found["total"] == len(found["results"])
    return list(found["results"])


def put(people: Cast, body: dict[str, Any] | None = None, status: int = 200, flow_id: str = "narrow") -> Any:
    answer = people.olga.client.put(f"{URL}/prod.data/{flow_id}", body or {}, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


def test_each_flow_with_a_limit_says_how_many_run_and_how_many_wait(people: Cast) -> None:
    limited(people)
    limited(people, "wide", more="")
    limited(people, "idle", more="concurrency: {limit: 1, behavior: FAIL}")
    for _ in range(3):
        start(people, "narrow")
    start(people, "wide")
    idle, narrow = search(people)
    assert narrow == {
        "tenantId": ACME,
        "namespace": "prod.data",
        "flowId": "narrow",
        "running": 2,
        "limit": 2,
        "behavior": "QUEUE",
        "queued": 1,
    }
    assert (idle["flowId"], idle["running"], idle["queued"], idle["behavior"]) == ("idle", 0, 0, "FAIL")
    assert [each["flowId"] for each in search(people, "?sort=queued:desc")] == ["narrow", "idle"]
    assert search(people, "?filters[namespace][EQUALS]=elsewhere") == []


def test_nobody_sees_the_limits_of_another_tenant(people: Cast) -> None:
    limited(people)
    assert people.otto.client.get("/api/v1/globex/concurrency-limit/search").json() == {"results": [], "total": 0}
    assert people.otto.client.get(f"{URL}/search").status_code in (403, 404)


def test_a_place_that_nothing_holds_is_freed_and_goes_to_who_waits(people: Cast) -> None:
    limited(people, more="concurrency: {limit: 1}")
    holder, waiting = start(people, "narrow"), start(people, "narrow")
    with tenant_scope(ACME):
        ConcurrencySlot.objects.filter(execution_id=holder.id).update(execution_id="gone")
    assert put(people)["running"] == 1
    FakeWorker().work_off()
    assert row(waiting.id).state == "SUCCESS"
    with tenant_scope(ACME):
        entry = AuditEntry.objects.filter(resource="FLOW", action="UPDATE").latest("seq")
    assert entry.namespace == "prod.data"


def test_a_limit_that_was_raised_lets_those_go_on_that_wait(people: Cast) -> None:
    limited(people, more="concurrency: {limit: 1}")
    first, second, third = (start(people, "narrow") for _ in range(3))
    answer = people.olga.client.put(
        "/api/v1/acme/flows/prod.data/narrow",
        LIMITED.format(flow_id="narrow", more="concurrency: {limit: 2}"),
        content_type="application/x-yaml",
    )
    assert answer.status_code == 200, answer.content
    assert [row(each.id).state for each in (first, second, third)] == ["RUNNING", "RUNNING", "QUEUED"]
    assert put(people, {"running": 2})["running"] == 2
    FakeWorker().work_off()
    assert {row(each.id).state for each in (first, second, third)} == {"SUCCESS"}


def test_the_number_is_counted_and_not_set(people: Cast) -> None:
    limited(people)
    start(people, "narrow")
    refused = put(people, {"running": 0}, status=409)
    assert refused["code"] == "other_count"
    assert "1 executions" in refused["message"]
    assert put(people, {"tenantId": ACME, "namespace": "prod.data", "flowId": "narrow", "running": 1})["running"] == 1


@pytest.mark.parametrize(
    ("body", "name"),
    [({"tenantId": "globex"}, "tenantId"), ({"flowId": "other"}, "flowId"), ({"running": "many"}, "running")],
)
def test_a_body_about_something_else_is_refused_by_name(people: Cast, body: dict[str, Any], name: str) -> None:
    limited(people)
    assert name in str(put(people, body, status=422))


def test_a_flow_without_a_limit_has_none_to_mend(people: Cast) -> None:
    limited(people, more="")
    put(people, status=404)
    put(people, status=404, flow_id="nowhere")
