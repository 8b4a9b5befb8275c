"""Entries outlive whom and what they tell of: the user, the tenant with everything in it, the thing itself."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.background.system import ensure_key, verify
from audit.models import AuditEntry
from audit.proof.checking import check
from control_plane.kernel.scope import tenant_scope
from tenants.models import Tenant
from tests.audit.ground import entries
from tests.cast import ACME, Cast, make_cast, make_person
from tests.executions.ground import log_flow

pytestmark = pytest.mark.django_db
FLOW = f"/api/v1/{ACME}/flows/prod.data/hello"


@pytest.fixture
def cast() -> Cast:
    """Eddie has written a flow and deleted it."""
    cast = make_cast()
    ensure_key()
    made = cast.eddie.client.post(f"/api/v1/{ACME}/flows", log_flow(), content_type="application/x-yaml")
    assert made.status_code == 200, made.content
    assert cast.eddie.client.delete(FLOW).status_code in (200, 204)
    return cast


def rows(owner: str) -> dict[str, tuple[Any, ...]]:
    return {each.id: (each.seq, each.actor_name, each.body, each.previous, each.hash) for each in entries(owner)}


def kept(before: dict[str, tuple[Any, ...]], owner: str) -> None:
    after = rows(owner)
    assert before and {name: after.get(name) for name in before} == before


def found(person: Any, path: str) -> list[dict[str, Any]]:
    answer = person.client.get(path)
    assert answer.status_code == 200, answer.content
    return [each["auditLog"] for each in answer.json()["results"]]


def test_of_a_thing_that_is_gone_the_whole_history_is_shown(cast: Cast):
    shown = found(cast.olga, f"/api/v1/{ACME}/auditlogs/search?resources=FLOW&size=100")
    assert {each["type"] for each in shown} == {"CREATE", "DELETE"}
    with tenant_scope(ACME):
        (deleted,) = AuditEntry.objects.filter(resource="FLOW", action="DELETE")
    assert "hello" in json.dumps(json.loads(deleted.body)["before"])


def test_of_a_user_who_is_gone_everything_is_found_by_id_and_by_name(cast: Cast):
    here, instance = rows(ACME), rows("")
    assert cast.root.client.delete(f"/api/v1/users/{cast.eddie.user.id}").status_code == 204
    kept(here, ACME)
    kept(instance, "")
    path = f"/api/v1/{ACME}/auditlogs/search?size=100"
    by_id = found(cast.olga, f"{path}&userId={cast.eddie.user.id}")
    by_name = found(cast.olga, f"{path}&filters[username][EQUALS]=eddie@acme.test")
    assert by_id and [each["id"] for each in by_id] == [each["id"] for each in by_name]
    assert check(ACME).is_intact and check("").is_intact


def test_a_namesake_who_comes_later_is_not_taken_for_who_is_gone(cast: Cast):
    assert cast.root.client.delete(f"/api/v1/users/{cast.eddie.user.id}").status_code == 204
    namesake = make_person("eddie@acme.test", tenants=[ACME])
    assert found(cast.olga, f"/api/v1/{ACME}/auditlogs/search?userId={namesake.user.id}") == []


def test_of_a_tenant_that_is_gone_the_trail_stays_whole_and_is_found_by_superadmins(cast: Cast):
    here, instance = rows(ACME), rows("")
    assert cast.root.client.delete(f"/api/v1/tenants/{ACME}").status_code == 204
    with tenant_scope(ACME):
        assert not Tenant.objects.filter(id=ACME).exists()
    kept(here, ACME)
    kept(instance, "")
    shown = found(cast.root, f"/api/v1/auditlogs/search?size=100&userId={cast.eddie.user.id}")
    assert {each["type"] for each in shown} >= {"CREATE", "DELETE"}
    reports = verify(None)
    assert ACME in [report.tenant for report in reports] and all(report.is_intact for report in reports)


def test_a_tenant_that_is_made_anew_goes_on_with_the_chain_of_the_one_before(cast: Cast):
    last = entries(ACME)[-1].seq
    assert cast.root.client.delete(f"/api/v1/tenants/{ACME}").status_code == 204
    body = {"id": ACME, "name": "Again"}
    assert cast.root.client.post("/api/v1/tenants", body, content_type="application/json").status_code in (200, 201)
    assert entries(ACME)[-1].seq > last and check(ACME).is_intact
