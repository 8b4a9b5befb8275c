"""Groups: made, owned, filled, and what a place in one gives."""

import json

import pytest
from django.test import Client

from control_plane.kernel.scope import tenant_scope
from iam.authorization import versions
from iam.models import Role, TenantAccess
from tests.cast import ACME, Cast, Person, bind, make_cast, make_person

pytestmark = pytest.mark.django_db
V1 = f"/api/v1/{ACME}"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def nora() -> Person:
    return make_person("nora@acme.test", tenants=[ACME])


@pytest.fixture
def cast_and_nora(cast: Cast, nora: Person) -> tuple[Cast, Person]:
    return cast, nora


def send(client: Client, method: str, path: str, body: object = None):
    return client.generic(method, f"{V1}/{path}", "" if body is None else json.dumps(body), "application/json")


def make_group(cast: Cast, name: str = "Data", **more) -> str:
    response = send(cast.olga.client, "POST", "groups", {"name": name, **more})
    assert response.status_code == 200, response.content
    return response.json()["id"]


def give(cast: Cast, group: str, role: str, namespace: str | None = None) -> None:
    body = {"type": "GROUP", "externalId": group, "roleId": role, "namespaceId": namespace}
    assert send(cast.olga.client, "POST", "bindings", body).status_code == 200


def test_a_group_is_made_found_renamed_and_removed(cast: Cast):
    group = make_group(cast, description="who works with data")
    assert send(cast.olga.client, "GET", f"groups/{group}").json() == {
        "id": group,
        "name": "Data",
        "description": "who works with data",
    }
    assert send(cast.olga.client, "POST", "groups", {"name": "Data"}).status_code == 409
    other = make_group(cast, "Other")
    assert send(cast.olga.client, "PUT", f"groups/{other}", {"name": "Data"}).status_code == 409
    assert send(cast.olga.client, "PUT", f"groups/{group}", {"name": "Dates"}).json()["name"] == "Dates"
    found = send(cast.olga.client, "GET", "groups/search?q=dat").json()
    assert (found["total"], found["results"][0]["id"]) == (1, group)
    assert [each["id"] for each in send(cast.olga.client, "POST", "groups/ids", {"ids": [group, "x"]}).json()] == [
        group
    ]
    suggested = send(cast.olga.client, "POST", "groups/autocomplete", {"q": "Oth", "ids": [group]}).json()
    assert {each["id"] for each in suggested} == {group, other}
    assert send(cast.olga.client, "DELETE", f"groups/{group}").status_code == 200
    assert send(cast.olga.client, "GET", f"groups/{group}").status_code == 404


def test_a_place_in_a_group_gives_what_the_group_may_do_and_its_end_takes_it(cast: Cast, nora: Person):
    group = make_group(cast)
    give(cast, group, "viewer_acme", "company.data")
    for namespace in ("company", "company.data"):
        assert send(cast.olga.client, "POST", "namespaces", {"id": namespace}).status_code == 200
    assert send(nora.client, "GET", "flows/search").status_code == 403
    added = send(cast.olga.client, "PUT", f"groups/{group}/members/{nora.user.id}")
    assert added.json()["groups"] == [{"id": group, "name": "Data", "external": False, "membership": "MEMBER"}]
    assert send(nora.client, "GET", "flows/search").status_code == 200
    assert send(nora.client, "GET", "namespaces/company.data").status_code == 200
    assert send(nora.client, "GET", "namespaces/company").status_code in (403, 404)
    assert send(cast.olga.client, "PUT", f"groups/{group}/members/{nora.user.id}").status_code == 409
    assert send(cast.olga.client, "DELETE", f"groups/{group}/members/{nora.user.id}").status_code == 200
    assert send(nora.client, "GET", "flows/search").status_code == 404, "nothing is left that lets her in"


def test_whoever_has_a_role_of_their_own_stays_when_they_leave_a_group(cast: Cast):
    group = make_group(cast, membersId=[cast.vera.user.id])
    assert send(cast.olga.client, "DELETE", f"groups/{group}/members/{cast.vera.user.id}").status_code == 200
    assert send(cast.vera.client, "GET", "flows/search").status_code == 200
    assert send(cast.olga.client, "DELETE", f"groups/{group}/members/{cast.vera.user.id}").status_code == 409
    assert send(cast.olga.client, "DELETE", f"groups/{group}/members/nobody").status_code == 404


def test_an_owner_manages_the_members_without_any_right_on_groups(cast: Cast, nora: Person):
    owner = make_person("owen@acme.test", tenants=[ACME])
    group, foreign = make_group(cast, membersId=[owner.user.id]), make_group(cast, "Foreign")
    give(cast, group, "viewer_acme", "company.data")
    add = f"groups/{group}/members/{nora.user.id}"
    assert send(owner.client, "PUT", add).status_code == 404, "she may not even know of it"
    membership = f"groups/{group}/members/membership/{owner.user.id}"
    assert send(cast.olga.client, "PUT", f"{membership}?membership=OWNER").json()["groups"][0]["membership"] == "OWNER"
    suggested = send(owner.client, "POST", "tenant-access/autocomplete", {"q": "nora"}).json()
    assert [each["id"] for each in suggested] == [nora.user.id]
    assert send(owner.client, "PUT", add).status_code == 200
    assert [each["id"] for each in send(owner.client, "GET", "groups/search").json()["results"]] == [group]
    members = send(owner.client, "GET", f"groups/{group}/members").json()
    assert [each["username"] for each in members["results"]] == ["nora@acme.test", "owen@acme.test"]
    assert send(owner.client, "PUT", f"groups/{foreign}/members/{nora.user.id}").status_code == 404
    assert send(owner.client, "GET", f"groups/{foreign}/members").status_code == 403
    assert send(owner.client, "DELETE", f"groups/{group}").status_code == 404
    assert send(owner.client, "DELETE", add).status_code == 200


def test_a_membership_is_owner_or_member(cast: Cast):
    group = make_group(cast, membersId=[cast.vera.user.id])
    path = f"groups/{group}/members/membership/{cast.vera.user.id}"
    assert send(cast.olga.client, "PUT", f"{path}?membership=KING").status_code == 400
    assert send(cast.olga.client, "PUT", path).status_code == 400


def test_nobody_gives_a_place_whose_rights_they_do_not_hold(cast: Cast, nora: Person):
    with tenant_scope(ACME):
        role = Role.objects.create(name="grouper", permissions={"GROUP": ["MANAGE_MEMBERS"]})
        versions.move_tenant(ACME)
    bind(ACME, nora, "grouper")
    group = make_group(cast)
    assert send(nora.client, "PUT", f"groups/{group}/members/{cast.vera.user.id}").status_code == 200
    strong = make_group(cast, "Strong")
    give(cast, strong, "viewer_acme")
    for who in (nora, cast.eddie):
        assert send(nora.client, "PUT", f"groups/{strong}/members/{who.user.id}").status_code == 403
    assert role.id


def test_the_groups_of_a_user_are_set_as_a_whole(cast: Cast, nora: Person):
    one, two = make_group(cast, "One", membersId=[nora.user.id]), make_group(cast, "Two")
    path = f"users/{nora.user.id}/groups"
    assert send(cast.olga.client, "PUT", path, {"groupIds": [two]}).status_code == 204
    shown = send(cast.olga.client, "GET", f"tenant-access/{nora.user.id}").json()
    assert [each["id"] for each in shown["groups"]] == [two]
    assert send(cast.olga.client, "PUT", path, {"groupIds": [two, "x"]}).status_code == 404
    assert send(cast.olga.client, "PUT", "users/nobody/groups", {"groupIds": []}).status_code == 404
    assert send(cast.olga.client, "PUT", path, {"groupIds": [two]}).status_code == 204
    assert send(cast.vera.client, "PUT", path, {"groupIds": [one]}).status_code == 403


def test_somebody_of_another_tenant_is_put_into_a_group_by_a_superadmin_alone(cast: Cast):
    group = make_group(cast)
    path = f"groups/{group}/members/{cast.otto.user.id}"
    assert send(cast.olga.client, "PUT", path).status_code == 404
    assert send(cast.root.client, "PUT", path).status_code == 200
    with tenant_scope(ACME):
        assert TenantAccess.objects.filter(user_id=cast.otto.user.id).exists()


def test_the_last_admin_of_a_tenant_cannot_be_taken_away(cast: Cast, nora: Person):
    binding = send(cast.olga.client, "GET", f"bindings/search?id={cast.olga.user.id}").json()["results"][0]["id"]
    assert send(cast.olga.client, "DELETE", f"bindings/{binding}").status_code == 409
    assert send(cast.olga.client, "DELETE", f"tenant-access/{cast.olga.user.id}").status_code == 409
    admins = make_group(cast, "Admins", membersId=[nora.user.id])
    give(cast, admins, "admin_acme")
    assert send(nora.client, "DELETE", f"bindings/{binding}").status_code == 204
    for method, path in (("DELETE", f"groups/{admins}"), ("DELETE", f"groups/{admins}/members/{nora.user.id}")):
        assert send(cast.root.client, method, path).status_code == 409
    assert send(cast.root.client, "PUT", f"users/{nora.user.id}/groups", {"groupIds": []}).status_code == 409
