"""Whom the directory deactivates or withdraws is out at once: sessions, tokens, links and what waits for them."""

import json
from datetime import timedelta

import pytest

from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import now
from iam.authentication.tokens import RESET, SESSION, digest, new_token
from iam.models import ApiToken, Binding, GroupMember, Invitation, PasswordReset, Session, TenantAccess, User
from iam.record.offers import NewInvitation
from iam.record.tokens import NewToken
from iam.services.invitations import invite
from iam.services.tokens import create_my_token
from tests.cast import ACME, GLOBEX, Cast, Person, bind, make_cast
from tests.iam.scim.clients import ScimClient, make_client

pytestmark = pytest.mark.django_db
FLOWS = f"/api/v1/{ACME}/flows/search"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def scim(cast: Cast) -> ScimClient:
    return make_client(cast.olga)


@pytest.fixture
def dana(cast: Cast, scim: ScimClient) -> Person:
    """Somebody of Acme's directory, who has signed in and made a token."""
    made = scim.user("dana@acme.test")
    with instance_scope():
        user = User.objects.get(id=made["id"])
    from control_plane.kernel.actor import Context
    from iam.authentication.cache import actor_of

    _, token = create_my_token(Context(actor_of(user)), wanted=NewToken("mine"))
    dana = Person(user, token)
    bind(ACME, dana, "Viewer")
    return dana


def sign_in(user: User, home: str = "") -> str:
    secret = new_token(SESSION)
    with instance_scope():
        Session.objects.create(
            digest=digest(secret),
            user=user,
            home=home,
            expires_at=now() + timedelta(hours=1),
            last_seen_at=now(),
        )
    return secret


def deactivate(scim: ScimClient, user: User, is_active: bool = False) -> None:
    status, told = scim.patch(f"/Users/{user.id}", {"op": "replace", "value": {"active": is_active}})
    assert status == 200, told


def withdraw(scim: ScimClient, user: User) -> None:
    assert scim.call("DELETE", f"/Users/{user.id}")[0] == 204


@pytest.mark.parametrize("leave", [deactivate, withdraw])
def test_sessions_tokens_and_links_end_at_once(scim: ScimClient, dana: Person, cast: Cast, leave):
    session = sign_in(dana.user, ACME)
    with instance_scope():
        PasswordReset.objects.create(
            digest=digest(new_token(RESET)), user=dana.user, expires_at=now() + timedelta(hours=1)
        )
    cast.anonymous.cookies["JWT"] = session
    assert cast.anonymous.get(FLOWS).status_code == 200
    assert dana.client.get(FLOWS).status_code == 200
    leave(scim, dana.user)
    assert dana.client.get(FLOWS).status_code == 401
    assert cast.anonymous.get(FLOWS).status_code == 401
    with instance_scope():
        assert not Session.objects.filter(user=dana.user).exists()
        assert not ApiToken.objects.filter(user=dana.user).exists()
        assert not PasswordReset.objects.filter(user=dana.user).exists()
        assert User.objects.get(id=dana.user.id).is_disabled


def test_who_comes_back_has_their_groups_and_roles_but_no_old_token(scim: ScimClient, dana: Person):
    group = scim.group("Crew", dana.user.id)
    deactivate(scim, dana.user)
    with tenant_scope(ACME):
        assert TenantAccess.objects.get(user_id=dana.user.id).is_suspended
    deactivate(scim, dana.user, is_active=True)
    assert dana.client.get(FLOWS).status_code == 401
    with tenant_scope(ACME):
        assert not TenantAccess.objects.get(user_id=dana.user.id).is_suspended
        assert Binding.objects.filter(user_id=dana.user.id).exists()
        assert GroupMember.objects.filter(user_id=dana.user.id, group_id=group["id"]).exists()
    with instance_scope():
        assert not User.objects.get(id=dana.user.id).is_disabled


def test_who_is_withdrawn_keeps_nothing_here(scim: ScimClient, dana: Person):
    scim.group("Crew", dana.user.id)
    withdraw(scim, dana.user)
    with tenant_scope(ACME):
        for model in (TenantAccess, Binding, GroupMember):
            assert not model.objects.filter(user_id=dana.user.id).exists(), model


def test_of_who_is_also_elsewhere_only_what_opens_this_tenant_ends(cast: Cast, scim: ScimClient):
    """Otto signs in with a password, and by Acme's provider; Acme's directory ends the one that is Acme's."""
    user = cast.otto.user
    scim.user("otto@globex.test")
    own, acmes = sign_in(user), sign_in(user, ACME)
    deactivate(scim, user)
    with instance_scope():
        assert list(Session.objects.filter(user=user).values_list("digest", flat=True)) == [digest(own)]
    assert digest(acmes) != digest(own)
    assert cast.otto.client.get(FLOWS).status_code == 404
    assert cast.otto.client.get(f"/api/v1/{GLOBEX}/flows/search").status_code == 200


def test_what_waits_for_them_waits_no_more(cast: Cast, scim: ScimClient, dana: Person):
    with tenant_scope(ACME):
        TenantAccess.objects.filter(user_id=dana.user.id).update(user_id=dana.user.id)
    invitation = invite(cast.olga.context(ACME), wanted=NewInvitation("gone@acme.test")).invitation
    assert invitation is not None
    made = scim.user("gone@acme.test")
    with instance_scope():
        user = User.objects.get(id=made["id"])
    deactivate(scim, user)
    with tenant_scope(ACME):
        assert Invitation.objects.get(id=invitation.id).revoked_at is not None


def test_nobody_takes_away_by_hand_what_the_directory_gave(cast: Cast, scim: ScimClient, dana: Person):
    group = scim.group("Crew", dana.user.id)
    for method, path in (
        ("DELETE", f"tenant-access/{dana.user.id}"),
        ("DELETE", f"groups/{group['id']}/members/{dana.user.id}"),
        ("PUT", f"groups/{group['id']}/members/{cast.eddie.user.id}"),
        ("DELETE", f"groups/{group['id']}"),
    ):
        answer = cast.olga.client.generic(method, f"/api/v1/{ACME}/{path}", json.dumps({}), "application/json")
        assert (answer.status_code, answer.json()["code"]) == (409, "managed_by_directory"), path
    members = cast.olga.client.get(f"/api/v1/{ACME}/groups/{group['id']}/members").json()["results"]
    assert members[0]["groups"][0]["managedBy"] == scim.integration.id
