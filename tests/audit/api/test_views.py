"""The audit trail over the API."""

import json

import pytest

from tenants.services.namespaces import create_namespace, delete_namespace, update_namespace
from tests.cast import ACME, GLOBEX, Cast, make_cast

pytestmark = pytest.mark.django_db
LOGS = f"/api/v1/{ACME}/auditlogs"


@pytest.fixture
def cast() -> Cast:
    cast = make_cast()
    olga = cast.olga.context(ACME)
    create_namespace(olga, name="prod", variables={"a": 1}, settings={})
    update_namespace(olga, name="prod", description="new", variables={"a": 2}, settings={})
    create_namespace(olga, name="dev", variables={}, settings={})
    delete_namespace(cast.eddie.context(ACME), name="dev")
    return cast


def search(cast: Cast, query: str = "") -> dict:
    response = cast.olga.client.get(f"{LOGS}/search?{query}")
    assert response.status_code == 200, response.content
    return response.json()


def test_the_newest_entry_comes_first_with_its_patches(cast: Cast):
    found = search(cast, "size=100")
    assert found["total"] == 4
    row = found["results"][2]
    assert row["auditLog"]["type"] == "UPDATE"
    assert row["auditLog"]["detail"] == {
        "id": "prod",
        "namespace": "prod",
        "type": "NAMESPACE",
        "resource": "NAMESPACE",
        "resourceType": "NAMESPACE",
        "command": "update_namespace",
    }
    assert {"op": "replace", "path": "/variables/a", "value": 2} in row["auditLog"]["appliedPatch"]
    assert {"op": "replace", "path": "/variables/a", "value": 1} in row["auditLog"]["revertPatch"]
    assert row["user"]["email"] == "olga@acme.test"


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("filters[action][EQUALS]=DELETE", 1),
        ("filters[action][IN]=DELETE,UPDATE", 2),
        ("filters[resources][IN]=NAMESPACE", 4),
        ("filters[resources][EQUALS]=FLOW", 0),
        ("filters[namespace][EQUALS]=prod", 2),
        ("filters[details][EQUALS][id]=dev", 2),
        ("filters[details][EQUALS][flowId]=x", 0),
        ("filters[q][EQUALS]=EDDIE", 1),
        ("filters[timeRange][EQUALS]=PT1H", 4),
        ("filters[startDate][GREATER_THAN]=2099-01-01T00:00:00Z", 0),
        ("namespace=prod&type=CREATE", 1),
        ("page=99", 4),
    ],
)
def test_it_is_searched(cast: Cast, query: str, total: int):
    assert search(cast, query)["total"] == total


@pytest.mark.parametrize(
    "query",
    [
        "filters[color][EQUALS]=x",
        "filters[action][EQUALS]=FLY",
        "filters[action][REGEX]=x",
        "filters[details][EQUALS]=x",
    ],
)
def test_what_it_cannot_be_searched_by_is_400(cast: Cast, query: str):
    assert cast.olga.client.get(f"{LOGS}/search?{query}").status_code == 400


def test_an_entry_is_found_by_what_it_is_about(cast: Cast):
    def find(body: dict) -> tuple[int, dict]:
        response = cast.olga.client.post(f"{LOGS}/find", json.dumps(body), "application/json")
        return response.status_code, response.json()

    status, found = find({"resource": "NAMESPACE", "type": "CREATE", "detail": {"id": "prod"}})
    assert status == 200 and found["auditLog"]["detail"]["id"] == "prod"
    assert find({"resource": "FLOW"})[0] == 404


def test_history_and_diff(cast: Cast):
    history = cast.olga.client.get(f"{LOGS}/history/prod").json()
    assert len(history) == 2 and history[0]["username"] == "olga@acme.test"
    newest, oldest = history[0]["id"], history[1]["id"]
    diff = cast.olga.client.get(f"{LOGS}/{newest}/diff").json()
    assert json.loads(diff["before"])["variables"] == {"a": 1} and json.loads(diff["after"])["variables"] == {"a": 2}
    since = cast.olga.client.get(f"{LOGS}/{newest}/diff?previousId={oldest}").json()
    assert json.loads(since["before"])["variables"] == {"a": 1}
    assert cast.olga.client.get(f"{LOGS}/history/unknown").json() == []
    assert cast.olga.client.get(f"{LOGS}/unknown/diff").status_code == 404


def test_it_is_exported_without_what_a_spreadsheet_would_run(cast: Cast):
    create_namespace(cast.olga.context(ACME), name="x", description="=1+1", variables={}, settings={})
    response = cast.olga.client.get(f"{LOGS}/export")
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert response["Content-Type"].startswith("text/csv") and len(lines) == 7, (
        "four, the new one, and the export itself"
    )
    assert lines[0].startswith("date,tenantId,type")


def test_only_who_may_reads_it(cast: Cast):
    for who, status in [("vera", 403), ("eddie", 403), ("otto", 404), ("root", 403)]:
        assert getattr(cast, who).client.get(f"{LOGS}/search").status_code == status
    assert cast.anonymous.get(f"{LOGS}/search").status_code == 401


def test_the_trail_of_all_tenants_is_the_superadmins(cast: Cast):
    create_namespace(cast.otto.context(GLOBEX), name="secret-plan", variables={}, settings={})
    found = cast.root.client.get("/api/v1/auditlogs/search?size=1000").json()
    tenants = {row["auditLog"].get("tenantId") for row in found["results"]}
    assert tenants == {None, ACME, GLOBEX}
    assert cast.olga.client.get("/api/v1/auditlogs/search").status_code == 403
    entry = found["results"][0]["auditLog"]["id"]
    assert cast.root.client.get(f"/api/v1/auditlogs/{entry}/diff").status_code == 200
    exported = b"".join(cast.root.client.get("/api/v1/auditlogs/export").streaming_content).decode()
    assert "secret-plan" in exported
    assert "secret-plan" not in str(search(cast, "size=1000"))
