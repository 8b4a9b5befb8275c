"""Giving rights: nobody gives what they do not hold, and everything holds from the next request."""

import json
import random

import pytest
from django.test import Client

from control_plane.kernel.scope import tenant_scope
from iam.authorization.catalogue import ASSIGNABLE, MANAGED
from iam.models import Binding, Role
from tests.cast import ACME, Cast, Person, bind, make_cast, make_person

pytestmark = pytest.mark.django_db
V1 = f"/api/v1/{ACME}"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def send(client: Client, method: str, path: str, body: object = None):
    return client.generic(method, f"{V1}/{path}", "" if body is None else json.dumps(body), "application/json")


def make_role(person: Person, permissions: dict, name: str = "r") -> str:
    response = send(person.client, "POST", "roles", {"name": name, "permissions": permissions})
    assert response.status_code == 200, response.content
    return response.json()["id"]


def give(person: Person, to: Person, role: str, namespace: str | None = None) -> int:
    body = {"type": "USER", "externalId": to.user.id, "roleId": role, "namespaceId": namespace}
    return send(person.client, "POST", "bindings", body).status_code


def role_of(name: str) -> str:
    with tenant_scope(ACME):
        return Role.objects.get(name=name).id


def test_a_role_is_made_read_changed_and_removed(cast: Cast):
    role = make_role(cast.olga, {"FLOW": ["READ"]})
    shown = send(cast.olga.client, "GET", f"roles/{role}").json()
    assert shown["permissions"] == {"FLOW": ["VIEW", "LIST", "VALIDATE", "EXPORT"]} and shown["isManaged"] is False
    changed = send(cast.olga.client, "PUT", f"roles/{role}", {"name": "n", "permissions": {"KVSTORE": ["VIEW"]}})
    assert changed.json()["permissions"] == {"KVSTORE": ["VIEW"]}
    found = send(cast.olga.client, "GET", "roles/search?q=n&size=100").json()
    assert role in [each["id"] for each in found["results"]]
    assert send(cast.olga.client, "DELETE", f"roles/{role}").status_code == 204
    assert send(cast.olga.client, "GET", f"roles/{role}").status_code == 404


def test_a_managed_role_does_not_change(cast: Cast):
    role = role_of("Viewer")
    assert send(cast.olga.client, "PUT", f"roles/{role}", {"name": "n", "permissions": {}}).status_code == 409
    assert send(cast.olga.client, "DELETE", f"roles/{role}").status_code == 409


def test_a_role_names_only_what_exists(cast: Cast):
    wrong = {"name": "r", "permissions": {"TEMPLATE": ["READ"]}}
    assert send(cast.olga.client, "POST", "roles", wrong).status_code == 422


def test_a_given_role_holds_from_the_next_request_and_so_does_its_end(cast: Cast):
    nora = make_person("nora@acme.test", tenants=[ACME])
    assert send(nora.client, "GET", "namespaces/search").status_code == 403
    assert give(cast.olga, nora, role_of("Viewer")) == 200
    assert send(nora.client, "GET", "namespaces/search").status_code == 200
    binding = send(cast.olga.client, "GET", f"bindings/search?id={nora.user.id}").json()["results"][0]
    assert binding["user"]["username"] == "nora@acme.test" and binding["role"]["name"] == "Viewer"
    assert send(cast.olga.client, "DELETE", f"bindings/{binding['id']}").status_code == 204
    assert send(nora.client, "GET", "namespaces/search").status_code == 403


def test_somebody_of_another_tenant_is_like_somebody_who_does_not_exist(cast: Cast):
    role = role_of("Viewer")
    assert give(cast.olga, cast.otto, role) == 404
    body = {"type": "USER", "externalId": "nobody", "roleId": role}
    assert send(cast.olga.client, "POST", "bindings", body).status_code == 404


def test_many_bindings_are_given_all_or_none(cast: Cast):
    assert send(cast.olga.client, "POST", "bindings/bulk", []).json() == []
    good = {"type": "USER", "externalId": cast.vera.user.id, "roleId": role_of("Editor")}
    wrong = {**good, "externalId": "nobody"}
    assert send(cast.olga.client, "POST", "bindings/bulk", [good, wrong]).status_code == 404
    with tenant_scope(ACME):
        assert Binding.objects.filter(user_id=cast.vera.user.id).count() == 1


def test_access_is_given_shown_and_taken(cast: Cast):
    assert send(cast.root.client, "POST", "tenant-access", {"email": "OTTO@globex.test"}).status_code == 204
    assert send(cast.root.client, "POST", "tenant-access", {"email": "otto@globex.test"}).status_code == 409
    assert send(cast.root.client, "POST", "tenant-access", {"email": "no@one.test"}).status_code == 404
    assert give(cast.olga, cast.otto, role_of("Viewer")) == 200
    own = send(cast.otto.client, "GET", f"tenant-access/{cast.otto.user.id}").json()
    assert own["roles"][0]["name"] == "Viewer" and own["roles"][0]["origin"] == "BINDING"
    assert send(cast.otto.client, "GET", f"tenant-access/{cast.olga.user.id}").status_code == 403
    listed = send(cast.olga.client, "GET", "tenant-access?q=otto").json()
    assert [each["username"] for each in listed["results"]] == ["otto@globex.test"]
    assert send(cast.olga.client, "DELETE", f"tenant-access/{cast.otto.user.id}").status_code == 204
    assert send(cast.otto.client, "GET", "namespaces/search").status_code == 404


def test_nobody_gives_more_than_they_hold_by_any_way(cast: Cast):
    """A random giver, a random role, in a random place: what comes about never exceeds the giver."""
    dice = random.Random(7)
    governor = make_role(cast.olga, {"ROLE": ["CREATE"], "BINDING": ["CREATE"], "FLOW": ["VIEW", "CREATE"]}, "gov")
    wide, narrow = (make_person(f"{name}@acme.test", tenants=[ACME]) for name in ("wide", "narrow"))
    assert give(cast.olga, wide, governor) == 200
    bind(ACME, narrow, "Editor", "prod")
    assert give(cast.olga, narrow, make_role(cast.olga, {"BINDING": ["CREATE"]}, "binder")) == 200
    roles = dict(_random_roles(cast, dice))
    given = refused = 0
    for _ in range(60):
        giver, role = dice.choice([wide, narrow]), dice.choice(list(roles))
        namespace = dice.choice([None, "prod", "prod.eu", "dev"])
        status = give(giver, cast.vera, role, namespace)
        holds = _holds(giver is wide, roles[role], namespace)
        assert status == (200 if holds else 403), (giver.user.email, roles[role], namespace)
        given, refused = given + holds, refused + (not holds)
    assert given > 3 and refused > 10
    for permissions in ({"FLOW": ["DELETE"]}, {"SECRET": ["VIEW"]}, {"ROLE": ["CREATE", "DELETE"]}):
        assert send(wide.client, "POST", "roles", {"name": "x", "permissions": permissions}).status_code == 403


def _random_roles(cast: Cast, dice: random.Random):
    for number in range(12):
        resource = dice.choice(["FLOW", "EXECUTION", "ROLE", "KVSTORE"])
        permissions = {resource: dice.sample(list(ASSIGNABLE[resource]), dice.randint(1, 2))}
        if number < 4:
            permissions = {"FLOW": ["VIEW"]}
        yield make_role(cast.olga, permissions, f"r{number}"), permissions


def _holds(is_wide: bool, permissions: dict[str, list[str]], namespace: str | None) -> bool:
    held = {"ROLE": {"CREATE"}, "BINDING": {"CREATE"}, "FLOW": {"VIEW", "CREATE"}}
    if is_wide:
        return all(set(actions) <= held.get(resource, set()) for resource, actions in permissions.items())
    in_prod = namespace in ("prod", "prod.eu")
    return in_prod and all(resource in ("FLOW", "EXECUTION", "KVSTORE") for resource in permissions)


def test_managed_roles_are_named_by_their_tenant(cast: Cast):
    found = send(cast.olga.client, "GET", "roles/search?size=100").json()["results"]
    managed = {each["id"] for each in found if each["isManaged"]}
    assert managed == {f"{name}_acme" for name in ("admin", "developer", "editor", "launcher", "viewer")}
    assert give(cast.olga, cast.vera, "launcher_acme") == 200
    assert send(cast.olga.client, "GET", "roles/viewer_globex").status_code == 404


def test_a_managed_role_holds_what_the_catalogue_says_today(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    with tenant_scope(ACME):
        Role.objects.filter(name="Viewer").update(permissions={"FLOW": ["DELETE"]})
    shown = send(cast.olga.client, "GET", "roles/viewer_acme").json()["permissions"]
    assert shown == MANAGED["Viewer"]
    assert send(cast.vera.client, "GET", "flows/search").status_code == 200


def test_a_managed_role_is_copied_to_be_changed(cast: Cast):
    copied = send(cast.olga.client, "POST", "roles/viewer_acme/copy", {"name": "My viewer"}).json()
    assert copied["permissions"] == MANAGED["Viewer"] and copied["isManaged"] is False
    assert send(cast.vera.client, "POST", "roles/viewer_acme/copy", {"name": "x"}).status_code == 404


def test_the_same_binding_twice_is_one(cast: Cast):
    assert give(cast.olga, cast.vera, "launcher_acme", "prod") == give(cast.olga, cast.vera, "launcher_acme", "prod")
    assert give(cast.olga, cast.vera, "launcher_acme") == 200
    with tenant_scope(ACME):
        assert Binding.objects.filter(user_id=cast.vera.user.id, role_id="launcher_acme").count() == 2


def test_a_superadmin_binds_somebody_who_was_just_made_and_so_lets_them_in(cast: Cast):
    nora = make_person("nora@acme.test")
    assert give(cast.olga, nora, "viewer_acme") == 404
    assert give(cast.root, nora, "viewer_acme") == 200
    assert send(nora.client, "GET", "flows/search").status_code == 200


def test_a_default_role_comes_with_access(cast: Cast):
    role = send(
        cast.olga.client, "POST", "roles", {"name": "d", "permissions": {"FLOW": ["LIST"]}, "isDefault": True}
    ).json()
    nora = make_person("nora@acme.test", tenants=[ACME])
    assert send(nora.client, "GET", "flows/search").status_code == 200
    own = send(nora.client, "GET", f"tenant-access/{nora.user.id}").json()
    assert [each["id"] for each in own["roles"]] == [role["id"]]
