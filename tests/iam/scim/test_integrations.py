"""Integrations: made, closed, their tokens, what those open, and their last calls."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from control_plane.kernel.scope import tenant_scope
from iam.models import Group, GroupMember, SecurityIntegration, TenantAccess
from tests.cast import ACME, GLOBEX, Cast, bind, make_cast, make_person
from tests.iam.scim.clients import ScimClient, make_client

pytestmark = pytest.mark.django_db
PATH = f"/api/v1/{ACME}/security-integrations"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def scim(cast: Cast) -> ScimClient:
    return make_client(cast.olga)


def send(client, method: str, path: str, body: object = None):
    return client.generic(method, path, json.dumps(body or {}), "application/json")


def test_an_integration_is_made_and_tells_its_token_once(cast: Cast):
    body = {"name": "okta", "type": "SCIM", "description": "People", "client": "OKTA"}
    made = send(cast.olga.client, "POST", PATH, body).json()
    token = made.pop("token")
    assert token.startswith("orc_")
    assert token.startswith(made["tokenPrefix"])
    assert made["endpoint"].endswith(f"/api/v1/{ACME}/integrations/{made['id']}/scim/v2")
    assert (made["enabled"], made["client"], made["tenantId"]) == (True, "OKTA", ACME)
    shown = cast.olga.client.get(f"{PATH}/{made['id']}").content.decode()
    assert json.loads(shown) == made
    assert token not in shown
    assert token not in cast.olga.client.get(PATH).content.decode()
    with tenant_scope(ACME):
        assert token not in json.dumps(SecurityIntegration.objects.values().get(), default=str)


def test_what_is_wrong_with_it_is_named(cast: Cast):
    for body in ({"name": "Up Case", "type": "SCIM"}, {"name": "x", "type": "LDAP"}, {"type": "SCIM"}):
        assert send(cast.olga.client, "POST", PATH, body).status_code == 422, body
    make_client(cast.olga, name="twice")
    assert send(cast.olga.client, "POST", PATH, {"name": "twice", "type": "SCIM"}).status_code == 409


def test_only_who_may_do_what_its_token_may_makes_one(cast: Cast):
    assert send(cast.eddie.client, "POST", PATH, {"name": "mine", "type": "SCIM"}).status_code == 403
    send(cast.olga.client, "POST", f"/api/v1/{ACME}/roles", {"name": "Integrator", "permissions": {}})
    integrator = make_person("ina@acme.test", tenants=[ACME])
    role = {"name": "Integrates", "permissions": {"SECURITY_INTEGRATION": ["CREATE", "UPDATE"]}}
    made = send(cast.olga.client, "POST", f"/api/v1/{ACME}/roles", role).json()
    given = {"type": "USER", "externalId": integrator.user.id, "roleId": made["id"]}
    assert send(cast.olga.client, "POST", f"/api/v1/{ACME}/bindings", given).status_code == 200
    refused = send(integrator.client, "POST", PATH, {"name": "mine", "type": "SCIM"})
    assert refused.status_code == 403
    assert "cannot give what you do not hold" in refused.json()["message"]


def test_a_disabled_one_is_refused_whoever_calls_and_keeps_what_it_brought(cast: Cast, scim: ScimClient):
    made = scim.user("a")
    place = f"{PATH}/{scim.integration.id}"
    assert send(cast.olga.client, "POST", f"{place}/disable").json()["enabled"] is False
    status, told = scim.call("GET", "/Users")
    assert (status, told["detail"]) == (403, "this integration is disabled")
    assert cast.olga.client.get(f"{scim.base}/Users").status_code == 403
    assert send(cast.olga.client, "POST", f"{place}/enable").json()["enabled"] is True
    assert scim.get("/Users")["Resources"][0] == made


def test_a_token_is_replaced_while_the_old_one_still_opens(cast: Cast, scim: ScimClient):
    place = f"{PATH}/{scim.integration.id}/rotate"
    second = ScimClient(scim.integration, send(cast.olga.client, "POST", place, {"overlap": "PT1H"}).json()["token"])
    assert (scim.call("GET", "/Users")[0], second.call("GET", "/Users")[0]) == (200, 200)
    third = ScimClient(scim.integration, send(cast.olga.client, "POST", place).json()["token"])
    assert [each.call("GET", "/Users")[0] for each in (scim, second, third)] == [401, 401, 200]
    assert send(cast.olga.client, "POST", place, {"overlap": "P400D"}).status_code == 422


def test_whose_a_token_is_is_looked_up_once_for_as_long_as_nothing_ends(scim: ScimClient):
    user = scim.user("a")["id"]
    assert [_questions(scim, user, n) for n in range(3)] == [0, 0, 0]


def _questions(scim: ScimClient, user: str, number: int) -> int:
    with CaptureQueriesContext(connection) as asked:
        scim.patch(f"/Users/{user}", {"op": "replace", "path": "title", "value": str(number)})
    return sum("former_digest" in query["sql"].partition("WHERE")[2] for query in asked)


def test_an_overlap_ends(cast: Cast, scim: ScimClient):
    place = f"{PATH}/{scim.integration.id}/rotate"
    send(cast.olga.client, "POST", place, {"overlap": "PT1H"})
    with tenant_scope(ACME):
        row = SecurityIntegration.objects.get()
        row.former_ends_at -= timedelta(hours=2)
        row.save()
    assert scim.call("GET", "/Users")[0] == 401


def test_what_it_brought_is_edited_by_hand_once_it_is_gone(cast: Cast, scim: ScimClient):
    user = scim.user("a")
    group = scim.group("Pushed", user["id"])
    members = f"/api/v1/{ACME}/groups/{group['id']}/members/{cast.eddie.user.id}"
    assert send(cast.olga.client, "PUT", members).status_code == 409
    assert send(cast.olga.client, "DELETE", f"{PATH}/{scim.integration.id}").json()["deleted"] is True
    assert scim.call("GET", "/Users")[0] == 401
    assert send(cast.olga.client, "PUT", members).status_code == 200
    with tenant_scope(ACME):
        assert GroupMember.objects.filter(group_id=group["id"]).count() == 2
        assert not Group.objects.exclude(managed_by="").exists()
        assert not TenantAccess.objects.exclude(managed_by="").exists()


def test_its_token_opens_its_own_addresses_and_nothing_else(cast: Cast, scim: ScimClient):
    second = make_client(cast.olga, name="second")
    elsewhere = make_client(cast.otto, GLOBEX)
    held = {"authorization": f"Bearer {scim.token}"}
    client = cast.anonymous
    for path in (
        f"/api/v1/{ACME}/groups/search",
        f"/api/v1/{ACME}/tenant-access",
        f"/api/v1/{ACME}/security-integrations",
        f"/api/v1/{ACME}/flows/search",
        f"{second.base}/Users",
        f"{elsewhere.base}/Users",
        f"/api/v1/{GLOBEX}/integrations/{scim.integration.id}/scim/v2/Users",
        f"/api/v1/{ACME}/integrations/{elsewhere.integration.id}/scim/v2/Users",
    ):
        assert client.get(path, headers=held).status_code == 404, path
    assert client.get("/api/v1/users", headers=held).status_code in (401, 403)


def test_people_of_the_tenant_read_it_by_their_rights(cast: Cast, scim: ScimClient):
    scim.user("a")
    for path in ("Users", "Groups", "ResourceTypes", "Schemas", "ServiceProviderConfig"):
        assert cast.olga.client.get(f"{scim.base}/{path}").status_code == 200
        assert cast.vera.client.get(f"{scim.base}/{path}").status_code == 403
        assert cast.otto.client.get(f"{scim.base}/{path}").status_code == 404


def test_nobody_joins_a_group_by_this_door_who_could_not_be_put_there(cast: Cast, scim: ScimClient):
    """Whoever may manage groups and holds no more cannot let a directory's group, bound to Admin, have them in it."""
    keeper = make_person("kim@acme.test", tenants=[ACME])
    rights = {"GROUP": ["VIEW", "LIST", "UPDATE"], "USER": ["LIST", "VIEW"]}
    made = send(cast.olga.client, "POST", f"/api/v1/{ACME}/roles", {"name": "Keeper", "permissions": rights}).json()
    given = {"type": "USER", "externalId": keeper.user.id, "roleId": made["id"]}
    send(cast.olga.client, "POST", f"/api/v1/{ACME}/bindings", given)
    user, group = scim.user("kim@acme.test"), scim.group("Admins")
    admin = {"type": "GROUP", "externalId": group["id"], "roleId": f"admin_{ACME}"}
    assert send(cast.olga.client, "POST", f"/api/v1/{ACME}/bindings", admin).status_code == 200
    body = {"Operations": [{"op": "add", "path": "members", "value": [{"value": user["id"]}]}]}
    answer = send(keeper.client, "PATCH", f"{scim.base}/Groups/{group['id']}", body)
    assert (answer.status_code, "cannot give" in answer.json()["detail"]) == (403, True)
    assert scim.patch(f"/Groups/{group['id']}", body["Operations"][0])[0] == 204


def test_it_is_not_there_for_a_member_who_holds_no_right_on_what_it_brings(cast: Cast, scim: ScimClient):
    """By whichever address they ask for it, also where a command behind the address would refuse them."""
    member = make_person("mia@acme.test", tenants=[ACME])
    nobodys = scim.base.replace(scim.integration.id, "0" * 22)
    asked = {("GET", "Me"): 404, ("POST", "Users"): 404, ("POST", "Groups"): 404, ("DELETE", f"Users/{'0' * 22}"): 404}
    for (method, place), status in {**asked, ("GET", "Users"): 403, ("GET", "Schemas"): 403}.items():
        answers = [send(member.client, method, f"{base}/{place}") for base in (scim.base, nobodys)]
        assert [each.status_code for each in answers] == [status, status], place
    assert cast.olga.client.get(f"{PATH}/{scim.integration.id}/calls").json()["total"] == 0


def test_the_last_calls_say_what_was_asked_answered_and_changed_and_why_it_failed(cast: Cast, scim: ScimClient):
    made = scim.user("a", password="Hidden-1", title="x")
    scim.patch(f"/Users/{made['id']}", {"op": "replace", "path": "title", "value": "y"})
    scim.call("POST", "/Users", {"userName": "a"})
    scim.call("POST", "/Users", b"{no json")
    found = cast.olga.client.get(f"{PATH}/{scim.integration.id}/calls").json()
    assert found["total"] == 4
    broken, taken, patched, created = found["results"]
    assert (created["method"], created["path"], created["status"]) == ("POST", "/Users", 201)
    assert json.loads(created["asked"])["password"] == "••••••"
    assert "Hidden-1" not in json.dumps(found)
    assert json.loads(created["answered"])["id"] == made["id"]
    assert {"USER", "TENANT_ACCESS"} <= {change["resource"] for change in created["changed"]}
    steps = [step for change in patched["changed"] for step in change["patch"]]
    assert {"op": "replace", "path": "/said/title", "value": "y"} in steps
    assert (taken["status"], taken["error"], taken["changed"]) == (
        409,
        "uniqueness: there is a user a already",
        [],
    )
    assert (broken["status"], broken["error"][:13]) == (400, "invalidSyntax")
    assert cast.vera.client.get(f"{PATH}/{scim.integration.id}/calls").status_code == 403
    assert cast.otto.client.get(f"{PATH}/{scim.integration.id}/calls").status_code == 404


def test_a_hundred_calls_are_kept(cast: Cast, scim: ScimClient):
    for number in range(103):
        scim.call("GET", f"/Users?count={number}")
    found = cast.olga.client.get(f"{PATH}/{scim.integration.id}/calls").json()["results"]
    assert len(found) == 100
    assert (found[0]["path"], found[-1]["path"]) == ("/Users?count=102", "/Users?count=3")
    shown = cast.olga.client.get(f"{PATH}/{scim.integration.id}").json()
    assert shown["calls"] == 103
    assert "lastCalledAt" in shown


def test_a_person_who_leaves_can_be_bound_to_nothing(cast: Cast, scim: ScimClient):
    bind(ACME, cast.eddie, "Viewer")
    made = scim.user("eddie@acme.test")
    assert made["id"] == cast.eddie.user.id
    assert scim.call("DELETE", f"/Users/{made['id']}")[0] == 204
    assert cast.eddie.client.get(f"/api/v1/{ACME}/flows/search").status_code == 404
