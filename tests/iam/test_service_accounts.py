"""Service accounts: named, grouped, given tokens that are shown once, and closed."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from control_plane.kernel.config import override
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from iam.authentication import cache
from iam.authentication.credentials import actor_for
from iam.authorization import versions
from iam.models import ApiToken, Role
from tests.cast import ACME, GLOBEX, Cast, Person, bind, make_cast, make_person
from tests.described import DescribedClient

pytestmark = pytest.mark.django_db
V1 = f"/api/v1/{ACME}"
ACCOUNTS = "service-accounts"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def send(client: Client, method: str, path: str, body: object = None, **extra):
    url = path if path.startswith("/") else f"{V1}/{path}"
    return client.generic(method, url, "" if body is None else json.dumps(body), "application/json", **extra)


def make(client: Client, name: str = "ci-bot", **more) -> str:
    response = send(client, "POST", ACCOUNTS, {"name": name, **more})
    assert response.status_code == 200, response.content
    return response.json()["id"]


def token_for(client: Client, account: str, name: str = "ci", **more) -> str:
    response = send(client, "POST", f"{ACCOUNTS}/{account}/api-tokens", {"name": name, **more})
    assert response.status_code == 200, response.content
    return response.json()["fullToken"]


def machine(token: str) -> Client:
    return DescribedClient(headers={"authorization": f"Bearer {token}"})


def give(cast: Cast, account: str, role: str, namespace: str | None = None) -> None:
    body = {"type": "USER", "externalId": account, "roleId": role, "namespaceId": namespace}
    assert send(cast.olga.client, "POST", "bindings", body).status_code == 200


def test_an_account_is_made_found_changed_and_removed(cast: Cast):
    account = make(cast.olga.client, description="deploys")
    shown = send(cast.olga.client, "GET", f"{ACCOUNTS}/{account}").json()
    assert shown["name"] == "ci-bot" and shown["superAdmin"] is False and shown["groups"] == []
    assert send(cast.olga.client, "POST", ACCOUNTS, {"name": "ci-bot"}).status_code == 409
    group = send(cast.olga.client, "POST", "groups", {"name": "Bots"}).json()["id"]
    changed = send(cast.olga.client, "PUT", f"{ACCOUNTS}/{account}", {"name": "cd", "groups": [{"id": group}]}).json()
    assert (changed["name"], changed["groups"]) == ("cd", [{"id": group}])
    listed = send(cast.olga.client, "GET", f"{ACCOUNTS}?q=cd").json()
    assert [(each["username"], each["groups"][0]["name"]) for each in listed["results"]] == [("cd", "Bots")]
    members = send(cast.olga.client, "GET", f"groups/{group}/members").json()["results"]
    assert [each["username"] for each in members] == ["cd"]
    assert send(cast.olga.client, "DELETE", f"{ACCOUNTS}/{account}").status_code == 200
    assert send(cast.olga.client, "GET", f"{ACCOUNTS}/{account}").status_code == 404


@pytest.mark.parametrize("name", ["", "CI", "ci_bot", "-ci", "ci-", "c" * 64, "ci.bot", "ci\u200bbot"])
def test_an_account_has_the_name_of_a_domain(cast: Cast, name: str):
    refused = send(cast.olga.client, "POST", ACCOUNTS, {"name": name})
    assert refused.status_code == 422 and refused.json()["_embedded"]["errors"][0]["path"] == "name"


def test_a_token_is_shown_once_and_does_what_its_account_may(cast: Cast):
    account = make(cast.olga.client)
    give(cast, account, "viewer_acme", "prod")
    token = token_for(cast.olga.client, account, maxAge="P90D")
    assert token.startswith("ors_")
    assert send(machine(token), "GET", "flows/search").status_code == 200
    assert send(machine(token), "GET", f"/api/v1/{GLOBEX}/flows/search").status_code == 404
    assert send(machine(token), "POST", "groups", {"name": "x"}).status_code == 403
    listed = send(cast.olga.client, "GET", f"{ACCOUNTS}/{account}/api-tokens").json()
    (told,) = listed["results"]
    assert told["prefix"] == token[:9] and told["lastUsed"] and told["iat"] and told["exp"]
    assert token not in json.dumps(listed)
    assert send(machine(token), "GET", "/api/v1/me").json()["profile"]["username"] == "ci-bot"
    assert send(cast.olga.client, "DELETE", f"{ACCOUNTS}/{account}/api-tokens/{told['id']}").status_code == 200
    assert send(machine(token), "GET", "flows/search").status_code == 401


def test_an_account_gets_what_its_group_may_do(cast: Cast):
    group = send(cast.olga.client, "POST", "groups", {"name": "Bots"}).json()["id"]
    account = make(cast.olga.client, groups=[{"id": group}])
    token = token_for(cast.olga.client, account)
    assert send(machine(token), "GET", "flows/search").status_code == 403
    body = {"type": "GROUP", "externalId": group, "roleId": "viewer_acme"}
    assert send(cast.olga.client, "POST", "bindings", body).status_code == 200
    assert send(machine(token), "GET", "flows/search").status_code == 200


def test_a_disabled_account_opens_nothing_until_it_is_enabled(cast: Cast):
    account = make(cast.olga.client)
    give(cast, account, "viewer_acme")
    client = machine(token_for(cast.olga.client, account))
    assert send(client, "GET", "flows/search").status_code == 200
    assert send(cast.olga.client, "PATCH", f"{ACCOUNTS}/{account}/disabled", {"disabled": True}).json()["disabled"]
    assert send(client, "GET", "flows/search").status_code == 401
    assert send(cast.olga.client, "PATCH", f"{ACCOUNTS}/{account}/disabled", {"disabled": False}).status_code == 200
    assert send(client, "GET", "flows/search").status_code == 200


def test_a_rotated_token_works_through_the_overlap_and_no_longer(cast: Cast):
    account = make(cast.olga.client)
    give(cast, account, "viewer_acme")
    old = token_for(cast.olga.client, account, allowedCidrs=["127.0.0.0/8"])
    token_id = ApiToken.objects.get(service_account_id=account).id
    path = f"{ACCOUNTS}/{account}/api-tokens/{token_id}/rotate"
    rotated = send(cast.olga.client, "POST", path, {"overlap": "PT1H"})
    new = rotated.json()["fullToken"]
    for token in (old, new):
        assert send(machine(token), "GET", "flows/search").status_code == 200
    kept = ApiToken.objects.get(id=token_id)
    assert kept.expires_at and now() + timedelta(minutes=59) < kept.expires_at < now() + timedelta(minutes=61)
    assert ApiToken.objects.get(id=rotated.json()["id"]).networks == ["127.0.0.0/8"]
    ApiToken.objects.filter(id=token_id).update(expires_at=now())
    cache._known.clear()
    assert send(machine(old), "GET", "flows/search").status_code == 401
    assert send(machine(new), "GET", "flows/search").status_code == 200
    assert send(cast.olga.client, "POST", path, {"overlap": "P400D"}).status_code == 422


def test_a_token_may_be_held_to_networks(cast: Cast):
    account = make(cast.olga.client)
    give(cast, account, "viewer_acme")
    token = token_for(cast.olga.client, account, allowedCidrs=["192.0.2.7/24", "2001:db8::/32"])
    for ip, status in (("192.0.2.200", 200), ("2001:db8::1", 200), ("192.0.3.1", 401), ("127.0.0.1", 401)):
        for _ in range(2):  # by what was looked up, and by what is remembered
            assert send(machine(token), "GET", "flows/search", REMOTE_ADDR=ip).status_code == status, ip
    refused = send(machine(token), "GET", "flows/search", REMOTE_ADDR="192.0.3.1").json()
    assert refused["code"] == "wrong_address"
    assert actor_for({"authorization": f"Bearer {token}"}, ip="192.0.2.1").name == "ci-bot"
    wrong = {"name": "x", "allowedCidrs": ["everywhere"]}
    answer = send(cast.olga.client, "POST", f"{ACCOUNTS}/{account}/api-tokens", wrong)
    assert answer.status_code == 422 and answer.json()["_embedded"]["errors"][0]["path"] == "allowedCidrs"


def test_a_token_older_than_allowed_is_refused(cast: Cast):
    account = make(cast.olga.client)
    with override(sessions={"token_longest": timedelta(days=30)}):
        answer = send(cast.olga.client, "POST", f"{ACCOUNTS}/{account}/api-tokens", {"name": "x", "maxAge": "P31D"})
    assert answer.status_code == 422 and answer.json()["_embedded"]["errors"][0]["path"] == "maxAge"


def limited(cast: Cast, permissions: dict[str, list[str]]) -> Person:
    person = make_person("nora@acme.test", tenants=[ACME])
    with tenant_scope(ACME):
        Role.objects.create(name="limited", permissions=permissions)
        versions.move_tenant(ACME)
    bind(ACME, person, "limited")
    return person


def test_nobody_makes_a_token_of_an_account_that_may_do_more_than_they(cast: Cast):
    nora = limited(cast, {"SERVICE_ACCOUNT": ["CREATE", "UPDATE", "VIEW"]})
    strong, weak = make(cast.olga.client, "strong"), make(nora.client, "weak")
    give(cast, strong, "viewer_acme", "prod")
    path = f"{ACCOUNTS}/{strong}/api-tokens"
    assert send(nora.client, "POST", path, {"name": "x"}).status_code == 403
    token_for(cast.olga.client, strong)
    token_id = ApiToken.objects.get(service_account_id=strong).id
    assert send(nora.client, "POST", f"{path}/{token_id}/rotate", {}).status_code == 403
    assert token_for(nora.client, weak)
    group = send(cast.olga.client, "POST", "groups", {"name": "Strong"}).json()["id"]
    body = {"type": "GROUP", "externalId": group, "roleId": "viewer_acme"}
    assert send(cast.olga.client, "POST", "bindings", body).status_code == 200
    put = {"name": "weak", "groups": [{"id": group}]}
    assert send(nora.client, "PUT", f"{ACCOUNTS}/{weak}", put).status_code == 403
    assert send(nora.client, "POST", ACCOUNTS, {"name": "n", "groups": [{"id": group}]}).status_code == 403


def test_only_a_superadmin_makes_a_superadmin_of_a_machine(cast: Cast):
    assert send(cast.olga.client, "POST", ACCOUNTS, {"name": "x", "superAdmin": True}).status_code == 403
    account = make(cast.root.client, "gov", superAdmin=True)
    assert send(cast.olga.client, "POST", f"{ACCOUNTS}/{account}/api-tokens", {"name": "x"}).status_code == 403
    put = {"name": "gov", "superAdmin": False}
    assert send(cast.olga.client, "PUT", f"{ACCOUNTS}/{account}", put).status_code == 403
    token = token_for(cast.root.client, account)
    assert send(machine(token), "GET", "/api/v1/users").status_code == 200


def test_an_account_of_the_instance_enters_its_tenants_alone(cast: Cast):
    made = send(cast.root.client, "POST", "/api/v1/service-accounts", {"name": "ops", "tenants": [ACME]})
    account = made.json()["id"]
    assert made.json()["tenants"] == [{"id": ACME, "name": "Acme"}]
    path = f"/api/v1/service-accounts/{account}"
    token = send(cast.root.client, "POST", f"{path}/api-tokens", {"name": "x"}).json()["fullToken"]
    assert send(machine(token), "GET", "flows/search").status_code == 403
    give(cast, account, "viewer_acme")
    assert send(machine(token), "GET", "flows/search").status_code == 200
    assert send(machine(token), "GET", f"/api/v1/{GLOBEX}/flows/search").status_code == 404
    shown = send(cast.olga.client, "GET", f"bindings/search?id={account}").json()["results"][0]["user"]
    assert shown == {"id": account, "username": "ops", "displayName": "ops"}
    assert send(cast.olga.client, "GET", f"{ACCOUNTS}/{account}").json()["ofInstance"] is True
    assert send(cast.olga.client, "PUT", f"{ACCOUNTS}/{account}", {"name": "other"}).status_code == 403
    assert send(cast.olga.client, "POST", f"{ACCOUNTS}/{account}/api-tokens", {"name": "x"}).status_code == 404
    patched = send(cast.root.client, "PATCH", path, {"name": "ops-two", "description": "d"}).json()
    assert patched["name"] == "ops-two"
    assert send(cast.olga.client, "GET", f"{ACCOUNTS}/{account}").json()["name"] == "ops-two"
    assert send(cast.root.client, "PATCH", f"{path}/disabled", {"disabled": True}).status_code == 200
    assert send(machine(token), "GET", "flows/search").status_code == 401
    assert send(cast.root.client, "PATCH", f"{path}/disabled", {"disabled": False}).status_code == 200
    assert send(cast.olga.client, "DELETE", f"{ACCOUNTS}/{account}").status_code == 200
    assert send(machine(token), "GET", "flows/search").status_code == 404
    assert send(cast.root.client, "DELETE", path).status_code == 204
    assert send(machine(token), "GET", "/api/v1/me").status_code == 401


def test_a_superadmin_governs_the_accounts_of_all_tenants(cast: Cast):
    account = make(cast.olga.client)
    path = f"/api/v1/service-accounts/{account}"
    listed = send(cast.root.client, "GET", "/api/v1/service-accounts?q=ci-bot").json()
    assert [each["tenants"] for each in listed["results"]] == [[{"id": ACME, "name": "Acme"}]]
    assert send(cast.root.client, "PATCH", f"{path}/superadmin", {"superAdmin": True}).json()["superAdmin"] is True
    token = send(cast.root.client, "POST", f"{path}/api-tokens", {"name": "x"}).json()
    assert send(cast.root.client, "GET", f"{path}/api-tokens").json()["total"] == 1
    rotated = send(cast.root.client, "POST", f"{path}/api-tokens/{token['id']}/rotate", {})
    assert rotated.status_code == 200 and send(machine(token["fullToken"]), "GET", "/api/v1/me").status_code == 401
    assert send(cast.root.client, "DELETE", f"{path}/api-tokens/{rotated.json()['id']}").status_code == 200
    assert send(cast.root.client, "DELETE", path).status_code == 204
    assert send(cast.olga.client, "GET", f"{ACCOUNTS}/{account}").status_code == 404
    assert send(cast.olga.client, "GET", "/api/v1/service-accounts").status_code == 403
    wrong = {"name": "x", "tenants": ["nowhere"]}
    assert send(cast.root.client, "POST", "/api/v1/service-accounts", wrong).status_code == 422
    assert send(cast.root.client, "GET", "/api/v1/service-accounts?q=x").json()["total"] == 0
