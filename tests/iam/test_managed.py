"""What follows a company's directory: seen as such, left alone by hand, and suspended at once."""

import json

import pytest
from django.test import Client

from control_plane.kernel.scope import tenant_scope
from iam.authorization import versions
from iam.models import Group, GroupMember, TenantAccess
from iam.queries import tenant_ids_of
from tests.cast import ACME, Cast, Person, make_cast, make_person

pytestmark = pytest.mark.django_db
V1 = f"/api/v1/{ACME}"
SOURCE = "directory"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def nora(cast: Cast) -> Person:
    return make_person("nora@acme.test", tenants=[ACME])


@pytest.fixture
def pushed(nora: Person) -> Group:
    """A group that a directory pushed, with Nora in it."""
    with tenant_scope(ACME):
        group = Group.objects.create(name="Pushed", managed_by=SOURCE)
        GroupMember.objects.create(group=group, user=nora.user, managed_by=SOURCE)
        TenantAccess.objects.filter(user_id=nora.user.id).update(managed_by=SOURCE)
    return group


def send(client: Client, method: str, path: str, body: object = None):
    return client.generic(method, f"{V1}/{path}", "" if body is None else json.dumps(body), "application/json")


def test_members_are_marked_with_what_manages_them(cast: Cast, nora: Person, pushed: Group):
    (member,) = send(cast.olga.client, "GET", f"groups/{pushed.id}/members").json()["results"]
    assert member["groups"][0]["managedBy"] == SOURCE
    assert send(cast.olga.client, "GET", f"groups/{pushed.id}").json()["managedBy"] == SOURCE


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        pytest.param("PUT", "groups/{group}/members/{eddie}", None, id="a member added"),
        pytest.param("DELETE", "groups/{group}/members/{nora}", None, id="a member removed"),
        pytest.param(
            "PUT", "groups/{group}/members/membership/{nora}?membership=OWNER", None, id="a member made owner"
        ),
        pytest.param("PUT", "users/{nora}/groups", {"groupIds": []}, id="all groups of a member taken"),
        pytest.param("PUT", "users/{eddie}/groups", {"groupIds": ["{group}"]}, id="a group given to a user"),
        pytest.param("PUT", "groups/{group}", {"name": "Renamed"}, id="the group renamed"),
        pytest.param("DELETE", "groups/{group}", None, id="the group removed"),
        pytest.param("DELETE", "tenant-access/{nora}", None, id="the access taken"),
    ],
)
def test_nothing_of_it_is_edited_by_hand(cast: Cast, nora: Person, pushed: Group, method: str, path: str, body: object):
    names = {"group": pushed.id, "nora": nora.user.id, "eddie": cast.eddie.user.id}
    sent = json.loads(json.dumps(body).replace("{group}", pushed.id)) if body else None
    answer = send(cast.olga.client, method, path.format(**names), sent)
    assert (answer.status_code, answer.json()["code"]) == (409, "managed_by_directory"), answer.content
    assert "directory" in answer.json()["message"]
    with tenant_scope(ACME):
        assert list(GroupMember.objects.values_list("user_id", flat=True)) == [nora.user.id]
        assert TenantAccess.objects.filter(user_id=nora.user.id).exists()


def test_a_document_of_rights_leaves_it_alone(cast: Cast, pushed: Group):
    client = cast.olga.client
    exported = send(client, "GET", "access/export").content.decode()
    assert "nora@acme.test" not in exported
    plan = client.post(f"{V1}/access/plan?prune=true", exported, "application/x-yaml")
    assert plan.json()["steps"] == []


def test_its_description_and_roles_stay_the_tenants_own(cast: Cast, pushed: Group):
    changed = send(cast.olga.client, "PUT", f"groups/{pushed.id}", {"name": "Pushed", "description": "from afar"})
    assert changed.json()["description"] == "from afar"


def test_whoever_is_suspended_holds_nothing_and_keeps_it_for_later(cast: Cast):
    eddie = cast.eddie

    def suspend(is_suspended: bool) -> None:
        with tenant_scope(ACME):
            TenantAccess.objects.filter(user_id=eddie.user.id).update(is_suspended=is_suspended)
            versions.move_tenant(ACME)

    assert eddie.client.get(f"{V1}/flows/search").status_code == 200
    suspend(True)
    assert eddie.client.get(f"{V1}/flows/search").status_code == 404
    assert tenant_ids_of(eddie.user.id) == []
    suspend(False)
    assert eddie.client.get(f"{V1}/flows/search").status_code == 200


def test_a_suspended_admin_does_not_count_as_one(cast: Cast):
    from iam.queries import has_admin

    with tenant_scope(ACME):
        assert has_admin()
        TenantAccess.objects.filter(user_id=cast.olga.user.id).update(is_suspended=True)
        assert not has_admin()
