"""Credentials over HTTP, as clients of the contract send and read them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from stores.secrets.services import put_secret
from tests.cast import ACME, Cast, make_cast
from tests.stores.credentials.authlib_peer import TokenServer
from tests.stores.credentials.conftest import client_credentials, peer, token_server  # noqa: F401  # fixtures

pytestmark = pytest.mark.django_db
TENANT, TEAM = "/api/v1/acme/credentials", "/api/v1/acme/namespaces/prod.eng/credentials"
URL = "https://issuer.test/token"


@pytest.fixture
def cast() -> Cast:
    made = make_cast()
    put_secret(made.olga.context(ACME), namespace="prod.eng", key="CLIENT_SECRET", value="s3cret of the client")
    return made


def send(client: Any, method: str, path: str, body: Any = None) -> Any:
    return client.generic(method, path, json.dumps(body) if body is not None else "", "application/json")


def made(cast: Cast, path: str = TEAM, url: str = URL, **more: Any) -> dict[str, Any]:
    sent = {"name": "api", "description": "of orders", **client_credentials(url), **more}
    if path == TENANT:
        sent["authConfig"] = {
            **sent["authConfig"],
            "clientSecret": {"secretKey": "CLIENT_SECRET", "namespace": "prod.eng"},
        }
    answer = send(cast.olga.client, "POST", path, sent)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def test_what_is_sent_is_what_is_shown(cast: Cast):
    shown = made(cast, scopes=["read"], audience="orders")
    assert {"id", "createdAt", "updatedAt"} <= shown.keys()
    assert shown["namespace"] == "prod.eng" and shown["tenantId"] == ACME
    assert shown["tokenCaching"] == {"enabled": True, "refreshBeforeExpiry": "PT1M"}
    assert shown["authConfig"]["clientSecret"] == {"type": "SECRET", "secretKey": "CLIENT_SECRET"}
    for path in (f"{TEAM}/api", f"{TENANT}/{shown['id']}"):
        assert cast.olga.client.get(path).json() == shown
    assert cast.olga.client.get(TEAM).json() == {"results": [shown], "total": 1}
    assert cast.olga.client.get(TENANT).json() == {"results": [], "total": 0}


def test_one_of_the_tenant_is_lent_to_every_namespace(cast: Cast):
    of_tenant, above = made(cast, TENANT), made(cast, "/api/v1/acme/namespaces/prod/credentials", name="above")
    assert "namespace" not in of_tenant
    lent = cast.olga.client.get(f"{TEAM}/inherited").json()["levels"]
    assert [(level["namespace"], [each["id"] for each in level["credentials"]]) for level in lent] == [
        ("prod", [above["id"]]),
        ("tenant", [of_tenant["id"]]),
    ]


def test_a_body_may_say_in_which_namespace(cast: Cast):
    assert made(cast, TENANT, namespace="prod.eng")["namespace"] == "prod.eng"
    other = {"name": "other", "namespace": "prod", **client_credentials(URL)}
    assert send(cast.olga.client, "POST", TEAM, other).status_code == 422


def test_what_is_left_out_of_a_change_stays(cast: Cast):
    shown = made(cast, scopes=["read"], audience="orders")
    answer = send(cast.olga.client, "PUT", f"{TEAM}/api", {"type": "OAUTH2", "audience": "", "scopes": None})
    assert answer.status_code == 200, answer.content
    changed = answer.json()
    assert "audience" not in changed and changed["scopes"] == ["read"] and changed["description"] == "of orders"
    assert (changed["authConfig"], changed["id"]) == (shown["authConfig"], shown["id"])


def test_one_that_is_deleted_is_gone(cast: Cast):
    made(cast)
    assert send(cast.olga.client, "DELETE", f"{TEAM}/api").status_code == 200
    for method, path in (("GET", f"{TEAM}/api"), ("DELETE", f"{TEAM}/api"), ("POST", f"{TEAM}/api/test")):
        assert send(cast.olga.client, method, path).status_code == 404, (method, path)


def test_a_test_tells_whether_a_token_comes_and_never_which(cast: Cast, peer: TokenServer):  # noqa: F811
    shown = made(cast, url=peer.url)
    for path in (f"{TEAM}/api/test", f"{TENANT}/{shown['id']}/test"):
        told = send(cast.olga.client, "POST", path)
        assert told.status_code == 200 and told.json()["success"] is True
        assert [step["name"] for step in told.json()["steps"]] == ["secrets", "request", "token"]
        assert peer.issued[-1]["access_token"] not in told.content.decode()


def test_a_test_that_fails_is_an_answer_too(cast: Cast):
    made(cast, url="http://127.0.0.1:1/token")
    told = send(cast.olga.client, "POST", f"{TEAM}/api/test").json()
    assert told["success"] is False and told["steps"][-1]["success"] is False
    assert told["message"].startswith("No token: POST http://127.0.0.1:1/token: ")


def test_who_edits_one_namespace_sees_and_changes_nothing_else(cast: Cast):
    """Lena edits in `prod` alone."""
    of_tenant = made(cast, TENANT)
    elsewhere = made(cast, "/api/v1/acme/namespaces/finance/credentials")
    lena = cast.lena.client
    for each in (of_tenant, elsewhere):
        for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/test")):
            answer = send(lena, method, f"{TENANT}/{each['id']}{path}", {"type": "OAUTH2"})
            assert answer.status_code in (403, 404), (method, path, answer.content)
    assert lena.get(TENANT).json()["total"] == 0
    assert send(lena, "POST", TEAM, {"name": "own", **client_credentials(URL)}).status_code == 200


def test_who_only_looks_sees_none(cast: Cast):
    made(cast)
    assert cast.vera.client.get(TEAM).status_code == 403
    assert send(cast.vera.client, "POST", f"{TEAM}/api/test").status_code in (403, 404)


def test_another_tenant_finds_none_of_them(cast: Cast):
    shown = made(cast, TENANT)
    for path in (f"/api/v1/globex/credentials/{shown['id']}", "/api/v1/globex/namespaces/prod.eng/credentials/api"):
        assert cast.otto.client.get(path).status_code == 404
    assert cast.otto.client.get(f"{TENANT}/{shown['id']}").status_code == 404


@pytest.mark.parametrize(
    "body", [[], "x", None, {"name": 1}, {"name": "a", "type": ["x"]}, {"name": "a", "authConfig": []}]
)
def test_a_body_that_is_none_is_refused(cast: Cast, body: Any):
    assert send(cast.olga.client, "POST", TENANT, body).status_code in (400, 422)
