"""Two tenants with a provider each, which name one person alike: no way leads from the one into the other.

The probes are made of every address that there is, not of those that somebody thought of.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from control_plane.kernel.scope import instance_scope, tenant_scope
from iam.models import Group, GroupMember, ScimUser, TenantAccess, User
from iam.sso.oidc.keys import forget_keys
from tests.architecture.routes import Route, all_routes
from tests.cast import ACME, GLOBEX, Cast, make_cast
from tests.iam.scim.clients import CONTENT, ScimClient, make_client
from tests.iam.sso.openid_peer import OpenIdPeer, connect, is_signed_in, led_to, openid_peer, sign_in
from tests.iam.sso.test_hostile_sign_in import logout

pytestmark = pytest.mark.django_db
ADA = {"sub": "ada-1", "email": "ada@acme.test", "email_verified": True}
DOORS = {"instance": "", ACME: f"{ACME}/", GLOBEX: f"{GLOBEX}/"}
OF_A_TENANT = [route for route in all_routes() if "<str:tenant>" in route.path and route.access is not None]
OF_SCIM = [route for route in OF_A_TENANT if "/scim/v2" in route.path]
READ = [route for route in OF_A_TENANT if route.method == "GET" and not route.path.startswith("oauth/")]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def peers(cast: Cast) -> Iterator[dict[str, OpenIdPeer]]:
    """One for the instance and one for each tenant, all called alike, all sure of the same person."""
    forget_keys()
    owners = {"instance": cast.root, ACME: cast.olga, GLOBEX: cast.otto}
    with ExitStack() as held:
        made = {where: held.enter_context(openid_peer()) for where in DOORS}
        for where, peer in made.items():
            peer.claims = dict(ADA)
            connect(owners[where].client, where, peer, settings={"linkVerified": True})
        yield made


def test_an_answer_to_one_door_opens_no_other(peers: dict[str, OpenIdPeer]):
    opened = set()
    for begun, ended in itertools.product(DOORS, DOORS):
        browser = Client()
        back = peers[begun].authorize(led_to(browser, f"/oauth/login/{DOORS[begun]}peer"))
        if is_signed_in(browser.get(f"/oauth/callback/{DOORS[ended]}peer?{urlsplit(back).query}")):
            opened.add((begun, ended))
    assert opened == {(where, where) for where in DOORS}


def test_one_person_of_three_providers_is_three_accounts(peers: dict[str, OpenIdPeer]):
    found = {}
    for where, peer in peers.items():
        browser = Client()
        assert is_signed_in(sign_in(browser, peer, f"/oauth/login/{DOORS[where]}peer"))
        found[where] = browser.get("/api/v1/me").json()
    assert len({each["id"] for each in found.values()}) == 3
    assert [[tenant["id"] for tenant in found[where]["tenants"]] for where in (ACME, GLOBEX)] == [[ACME], [GLOBEX]]
    with instance_scope():
        assert sorted(User.objects.filter(email="ada@acme.test").values_list("home", flat=True)) == ["", ACME, GLOBEX]


def test_a_logout_token_ends_nothing_behind_another_door(peers: dict[str, OpenIdPeer]):
    browsers = {where: Client() for where in DOORS}
    for where, peer in peers.items():
        assert is_signed_in(sign_in(browsers[where], peer, f"/oauth/login/{DOORS[where]}peer"))
    for told, where in itertools.product(DOORS, DOORS):
        if told != where:
            token = peers[told].signed(logout(peers[told]), {"typ": "logout+jwt"})
            answer = Client().post(f"/oauth/backchannel-logout/{DOORS[where]}peer", {"logout_token": token})
            assert answer.status_code == 400, (told, where)
    assert {browser.get("/api/v1/me").status_code for browser in browsers.values()} == {200}


def test_a_session_by_the_provider_of_one_reads_nothing_of_the_other(cast: Cast, peers: dict[str, OpenIdPeer]):
    """Even an admin of the one, and whatever is in the address."""
    browser = Client()
    assert is_signed_in(sign_in(browser, peers[ACME], f"/oauth/login/{ACME}/peer"))
    with instance_scope():
        user = User.objects.get(email="ada@acme.test", home=ACME)
    given = {"type": "USER", "externalId": user.id, "roleId": f"admin_{ACME}"}
    made = cast.olga.client.post(f"/api/v1/{ACME}/bindings", json.dumps(given), content_type="application/json")
    assert made.status_code == 200, made.content
    assert browser.get(f"/api/v1/{ACME}/flows/search").status_code == 200
    assert len(READ) > 100
    seen = {str(route): browser.get(_anywhere(route)).status_code for route in READ}
    assert {address: status for address, status in seen.items() if status != 404} == {}


def _anywhere(route: Route) -> str:
    return route.at(tenant=GLOBEX, **dict.fromkeys(route.slots, "x"))


def test_the_token_of_one_does_nothing_to_the_other_by_any_address_of_scim(cast: Cast):
    ours, theirs = make_client(cast.olga), make_client(cast.otto, GLOBEX)
    user = theirs.user("bob@globex.test")["id"]
    group = theirs.group("Crew", user)["id"]
    ours.user("bob@globex.test")
    named = {"pushed_user_id": user, "pushed_group_id": group, "resource_type": "User", "rest": "x"}
    named["uri"] = "urn:ietf:params:scim:schemas:core:2.0:User"
    before, wrong = _all_of(GLOBEX), {}
    assert len(OF_SCIM) > 20
    for route in OF_SCIM:
        for tenant, integration in ((GLOBEX, theirs), (ACME, theirs), (GLOBEX, ours)):
            values = {name: value for name, value in named.items() if name in route.slots}
            path = route.at(tenant=tenant, integration=integration.integration.id, **values)
            status = _sent(ours, route.method, path, user)
            if status != 404:
                wrong[route.method, path] = status
    assert wrong == {}
    assert _all_of(GLOBEX) == before


def test_no_id_of_the_other_is_reached_by_ones_own_address(cast: Cast):
    """As a path, a member, a filter, and in a bulk."""
    ours, theirs = make_client(cast.olga), make_client(cast.otto, GLOBEX)
    user = theirs.user("bob@globex.test", externalId="x-1")["id"]
    group, crew = theirs.group("Crew", user)["id"], ours.group("Crew")["id"]
    before = _all_of(GLOBEX)
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        for place in (f"/Users/{user}", f"/Groups/{group}"):
            assert _sent(ours, method, f"{ours.base}{place}", user) == 404, (method, place)
    joined = {"op": "add", "path": "members", "value": [{"value": user}]}
    assert ours.patch(f"/Groups/{crew}", joined)[0] == 400
    assert ours.call("POST", "/Groups", {"displayName": "Other", "members": [{"value": user}]})[0] == 400
    for asked in (f'id eq "{user}"', 'externalId eq "x-1"', 'userName eq "bob@globex.test"', f'groups eq "{group}"'):
        assert ours.call("POST", "/Users/.search", {"filter": asked})[1]["totalResults"] == 0, asked
    operations = [{"method": "DELETE", "path": f"/Users/{user}"}]
    status, told = ours.call("POST", "/Bulk", {"Operations": operations})
    assert status == 200 and told["Operations"][0]["status"] == "404"
    assert _all_of(GLOBEX) == before


def _sent(scim: ScimClient, method: str, path: str, user: str) -> int:
    body = {"userName": "taken@globex.test", "displayName": "Taken", "members": [{"value": user}], "filter": "id pr"}
    body["Operations"] = [{"op": "replace", "path": "displayName", "value": "Taken"}]
    client = Client(headers={"authorization": f"Bearer {scim.token}"})
    return client.generic(method, path, b"" if method == "GET" else json.dumps(body).encode(), CONTENT).status_code


def _all_of(tenant: str) -> list[Any]:
    with tenant_scope(tenant):
        return [
            list(ScimUser.objects.order_by("id").values_list("user_id", "document", "version", "is_active")),
            list(Group.objects.order_by("id").values_list("name", "managed_by")),
            list(GroupMember.objects.order_by("id").values_list("user_id", "group_id")),
            list(TenantAccess.objects.order_by("id").values_list("user_id", "is_suspended")),
        ]
