"""A user whom a tenant's own directory made is that tenant's: no credential of theirs opens another one."""

import json

import pytest
from django.test import Client

from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.errors import Conflict
from iam.authentication.tokens import SESSION, digest, new_token
from iam.authorization import versions
from iam.models import ApiToken, GroupMember, Session, TenantAccess, User
from iam.record.rights import Holder, let_user_in, place, remove_member
from iam.services.groups import create_group
from tests.cast import ACME, GLOBEX, PASSWORD, Cast, Person, bind, make_cast, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def of_directory(tenant: str, email: str) -> Person:
    person = make_person(email)
    with instance_scope():
        User.objects.filter(id=person.user.id).update(home=tenant)
        versions.move_identities()
    person.user.refresh_from_db()
    return person


def test_a_token_of_theirs_opens_their_tenant_alone_whatever_they_are_given_elsewhere(cast: Cast):
    dana = of_directory(ACME, "dana@acme.test")
    bind(ACME, dana, "Viewer")
    bind(GLOBEX, dana, "Admin")
    assert dana.client.get(f"/api/v1/{ACME}/flows/search").status_code == 200
    assert dana.client.get(f"/api/v1/{GLOBEX}/flows/search").status_code == 404
    assert [tenant["id"] for tenant in dana.client.get("/api/v1/me").json()["tenants"]] == [ACME]


def test_they_are_never_superadmins(cast: Cast):
    dana = of_directory(ACME, "dana@acme.test")
    with instance_scope():
        User.objects.filter(id=dana.user.id).update(is_superadmin=True)
        versions.move_identities()
    assert dana.client.get("/api/v1/users").status_code == 403
    assert dana.client.get("/api/v1/me").json()["superAdmin"] is False


def test_another_tenant_cannot_let_them_in(cast: Cast):
    dana = of_directory(ACME, "dana@acme.test")
    with pytest.raises(Conflict), tenant_scope(GLOBEX):
        let_user_in(Context(SYSTEM, GLOBEX), dana.user.id)
    with tenant_scope(GLOBEX):
        assert not TenantAccess.objects.filter(user_id=dana.user.id).exists()


def test_one_address_is_one_account_for_each_directory(cast: Cast):
    """A directory that names somebody else's address takes nothing from them and learns nothing of them."""
    of_directory(ACME, "eva@globex.test")
    make_person("eva@globex.test", password=PASSWORD)
    of_directory(GLOBEX, "ada@globex.test")
    with instance_scope():
        assert User.objects.filter(email="eva@globex.test").count() == 2
    body = json.dumps({"username": "eva@globex.test", "password": PASSWORD})
    assert Client().post("/api/v1/login", body, content_type="application/json").status_code == 200


def test_they_change_neither_address_nor_password(cast: Cast):
    dana = of_directory(ACME, "dana@acme.test")
    changed = dana.client.patch(
        "/api/v1/me", json.dumps({"email": "root@orrery.test"}), content_type="application/json"
    )
    assert changed.status_code == 403
    body = json.dumps({"oldPassword": "", "newPassword": PASSWORD})
    assert dana.client.put("/api/v1/me/password", body, content_type="application/json").status_code == 403


def bound_session(user: User, tenant: str) -> Client:
    from control_plane.kernel.csrf import csrf_of
    from control_plane.kernel.words.clock import now

    secret = new_token(SESSION)
    with instance_scope():
        Session.objects.create(
            digest=digest(secret), user=user, expires_at=now().replace(year=2100), last_seen_at=now(), home=tenant
        )
    client = Client(headers={"X-CSRF-TOKEN": csrf_of(secret)})
    client.cookies["JWT"] = secret
    return client


def test_a_session_that_a_tenants_provider_vouched_for_opens_that_tenant_alone(cast: Cast):
    bind(GLOBEX, cast.eddie, "Viewer")
    client = bound_session(cast.eddie.user, ACME)
    assert client.get(f"/api/v1/{ACME}/flows/search").status_code == 200
    assert client.get(f"/api/v1/{GLOBEX}/flows/search").status_code == 404


def test_a_token_made_in_such_a_session_is_bound_like_it_and_others_are_neither_shown_nor_ended(cast: Cast):
    bind(GLOBEX, cast.eddie, "Viewer")
    client = bound_session(cast.eddie.user, ACME)
    made = client.post("/api/v1/me/api-tokens", json.dumps({"name": "bound"}), content_type="application/json").json()
    bound = Client(headers={"authorization": f"Bearer {made['fullToken']}"})
    assert bound.get(f"/api/v1/{ACME}/flows/search").status_code == 200
    assert bound.get(f"/api/v1/{GLOBEX}/flows/search").status_code == 404
    assert [token["name"] for token in client.get("/api/v1/me/api-tokens").json()["results"]] == ["bound"]
    with instance_scope():
        other = ApiToken.objects.get(user=cast.eddie.user, name="test").id
    assert client.delete(f"/api/v1/me/api-tokens/{other}").status_code == 404
    assert client.delete(f"/api/v1/me/api-tokens/{made['id']}").status_code == 204


def test_a_place_that_a_directory_gave_is_not_taken_by_hand(cast: Cast):
    group = create_group(Context(SYSTEM, ACME), name="Data")
    ctx = Context(SYSTEM, ACME)
    with tenant_scope(ACME):
        place(ctx, group, Holder(user_id=cast.vera.user.id), managed_by="directory")
    taken = cast.olga.client.delete(f"/api/v1/{ACME}/groups/{group.id}/members/{cast.vera.user.id}")
    assert taken.status_code == 409, taken.content
    everything = cast.olga.client.put(
        f"/api/v1/{ACME}/users/{cast.vera.user.id}/groups",
        json.dumps({"groupIds": []}),
        content_type="application/json",
    )
    assert everything.status_code == 409
    with tenant_scope(ACME):
        remove_member(ctx, GroupMember.objects.get(group=group), managed_by="directory")
        assert not GroupMember.objects.filter(group=group).exists()
