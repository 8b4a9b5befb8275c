"""Signing in by an OpenID provider: the way there and back, whose account it is, and what it may do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.scope import instance_scope, tenant_scope
from iam.models import ExternalIdentity, Group, GroupMember, Session, TenantAccess, User
from iam.record.rights import NewBinding
from iam.services.bindings import create_bindings
from iam.services.groups import create_group
from iam.services.users import update_user
from tests.cast import ACME, GLOBEX, Cast, make_cast, make_person
from tests.iam.sso.openid_peer import (
    OpenIdPeer,
    connect,
    error_of,
    is_signed_in,
    led_to,
    openid_peer,
    sign_in,
)

pytestmark = pytest.mark.django_db
ADA = {"sub": "ada-1", "email": "ada@acme.test", "email_verified": True, "given_name": "Ada", "family_name": "Love"}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def peer() -> Iterator[OpenIdPeer]:
    with openid_peer() as started:
        started.claims = dict(ADA)
        yield started


def make_group(name: str, role: str = "Viewer", tenant: str = ACME) -> str:
    group = create_group(Context(SYSTEM, tenant), name=name)
    create_bindings(Context(SYSTEM, tenant), wanted=[NewBinding("GROUP", group.id, f"{role.lower()}_{tenant}")])
    return group.id


def test_the_way_to_the_provider_has_state_nonce_and_a_challenge(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer)
    asked = dict(parse_qsl(urlsplit(led_to(Client(), "/oauth/login/peer")).query))
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 32 and len(asked["nonce"]) >= 32 and len(asked["code_challenge"]) == 43
    assert asked["redirect_uri"].endswith("/oauth/callback/peer")
    assert asked["scope"].split()[0] == "openid"


def test_somebody_new_gets_an_account_bound_to_issuer_and_subject(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer, settings={"tenants": [ACME]})
    browser = Client()
    response = sign_in(browser, peer, next="/ui/acme/flows")
    assert is_signed_in(response) and response["Location"] == "/ui/acme/flows"
    me = browser.get("/api/v1/me").json()
    assert me["profile"] == {
        "email": "ada@acme.test",
        "username": "ada@acme.test",
        "firstName": "Ada",
        "lastName": "Love",
    }
    assert [tenant["id"] for tenant in me["tenants"]] == [ACME]
    with instance_scope():
        identity = ExternalIdentity.objects.get(user_id=me["id"])
    assert (identity.issuer, identity.subject) == (peer.issuer, "ada-1")


def test_only_a_page_of_ours_is_returned_to(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer)
    for elsewhere in ("https://evil.test/", "//evil.test", "/ui/\\evil", "/api/v1/me", "javascript:alert(1)"):
        assert sign_in(Client(), peer, next=elsewhere)["Location"] == "/ui/"


def test_groups_follow_the_rules_at_each_sign_in_both_ways(cast: Cast, peer: OpenIdPeer):
    make_group("Engineers", "Editor")
    make_group("Auditors", "Viewer")
    rules = [
        {"claim": "groups", "match": "glob", "value": "/engineering*", "group": "Engineers", "tenant": ACME},
        {"claim": "groups", "value": "audit", "group": "Auditors", "tenant": ACME},
    ]
    connect(cast.root.client, "instance", peer, rules=rules)
    peer.claims["groups"] = ["/engineering/platform", "audit"]
    browser = Client()
    sign_in(browser, peer)
    assert browser.get(f"/api/v1/{ACME}/flows/search").status_code == 200
    peer.claims["groups"] = ["audit"]
    sign_in(browser, peer)
    assert _groups() == {"Auditors"}
    peer.claims.pop("groups")
    sign_in(browser, peer)
    assert _groups() == set()
    assert browser.get(f"/api/v1/{ACME}/flows/search").status_code == 404
    peer.claims["groups"] = ["/engineering"]
    sign_in(browser, peer)
    assert _groups() == {"Engineers"}


def _groups(email: str = "ada@acme.test") -> set[str]:
    with instance_scope():
        user = User.objects.get(email=email)
    with tenant_scope(ACME):
        return set(GroupMember.objects.filter(user_id=user.id).values_list("group__name", flat=True))


def test_places_given_by_hand_stay(cast: Cast, peer: OpenIdPeer):
    group = make_group("Engineers")
    connect(cast.root.client, "instance", peer, settings={"tenants": [ACME]})
    sign_in(Client(), peer)
    with instance_scope():
        user = User.objects.get(email="ada@acme.test")
    added = cast.olga.client.put(f"/api/v1/{ACME}/groups/{group}/members/{user.id}")
    assert added.status_code == 200, added.content
    sign_in(Client(), peer)
    assert _groups() == {"Engineers"}


def test_claims_may_be_in_userinfo_alone(cast: Cast, peer: OpenIdPeer):
    make_group("Engineers")
    connect(cast.root.client, "instance", peer, rules=[{"value": "eng", "group": "Engineers", "tenant": ACME}])
    peer.claims = {"sub": "ada-1"}
    peer.info = {**ADA, "groups": ["eng"]}
    assert is_signed_in(sign_in(Client(), peer))
    assert _groups() == {"Engineers"}


def test_a_template_makes_groups_and_reaches_none_that_people_made(cast: Cast, peer: OpenIdPeer):
    make_group("admins", "Admin")
    connect(cast.root.client, "instance", peer, rules=[{"match": "any", "group": "{leaf}", "tenant": ACME}])
    peer.claims["groups"] = ["/company/data", "/company/admins"]
    sign_in(Client(), peer)
    assert _groups() == {"data"}
    with tenant_scope(ACME):
        assert Group.objects.get(name="data").is_external


def test_an_account_that_is_there_is_linked_by_a_verified_address_and_only_if_the_setting_allows_it(
    cast: Cast, peer: OpenIdPeer
):
    ada = make_person("ada@acme.test", tenants=[ACME])
    made = connect(cast.root.client, "instance", peer)
    assert error_of(sign_in(Client(), peer)) == "no_account"
    allow(cast, made, linkVerified=True)
    peer.claims["email_verified"] = False
    assert error_of(sign_in(Client(), peer)) == "no_account"
    del peer.claims["email_verified"]
    assert error_of(sign_in(Client(), peer)) == "no_account"
    peer.claims["email_verified"] = True
    browser = Client()
    assert is_signed_in(sign_in(browser, peer))
    assert browser.get("/api/v1/me").json()["id"] == ada.user.id


def allow(cast: Cast, provider: dict, **settings: object) -> None:
    body = {**provider, "settings": {**provider["settings"], **settings}}
    path = f"/api/v1/instance/identity-providers/{provider['id']}"
    changed = cast.root.client.put(path, json.dumps(body), content_type="application/json")
    assert changed.status_code == 200, changed.content


def test_an_address_that_was_given_to_somebody_else_does_not_open_the_account(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer, settings={"linkVerified": True})
    assert is_signed_in(sign_in(Client(), peer))
    peer.claims["sub"] = "ada-2"
    assert error_of(sign_in(Client(), peer)) == "no_account"


def test_another_address_of_the_same_person_opens_the_same_account(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer)
    first, second = Client(), Client()
    sign_in(first, peer)
    peer.claims["email"] = "ada.love@acme.test"
    sign_in(second, peer)
    assert second.get("/api/v1/me").json()["id"] == first.get("/api/v1/me").json()["id"]
    assert second.get("/api/v1/me").json()["profile"]["email"] == "ada.love@acme.test"


def test_nobody_gets_an_account_where_the_setting_says_so(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer, settings={"createUsers": False})
    assert error_of(sign_in(Client(), peer)) == "no_account"
    with instance_scope():
        assert not User.objects.filter(email="ada@acme.test").exists()


def test_a_disabled_account_is_not_signed_in(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer)
    sign_in(Client(), peer)
    with instance_scope():
        user = User.objects.get(email="ada@acme.test")
    update_user(Context(SYSTEM), user_id=user.id, changes={"is_disabled": True})
    assert error_of(sign_in(Client(), peer)) == "account_disabled"


def test_a_disabled_provider_signs_nobody_in_and_its_sessions_end(cast: Cast, peer: OpenIdPeer):
    made = connect(cast.root.client, "instance", peer)
    browser = Client()
    answer = peer.authorize(led_to(browser, "/oauth/login/peer"))
    signed_in = Client()
    sign_in(signed_in, peer)
    assert cast.root.client.post(f"/api/v1/instance/identity-providers/{made['id']}/disable").status_code == 200
    assert signed_in.get("/api/v1/me").status_code == 401
    assert Client().get("/oauth/login/peer").status_code == 404
    parts = urlsplit(answer)
    assert error_of(browser.get(f"{parts.path}?{parts.query}")) == "sign_in_refused"


def test_whom_a_tenants_provider_vouches_for_is_of_that_tenant_alone(cast: Cast, peer: OpenIdPeer):
    make_person("ada@acme.test", tenants=[GLOBEX])
    made = connect(cast.olga.client, ACME, peer, settings={"linkVerified": True})
    browser = Client()
    assert is_signed_in(sign_in(browser, peer, f"/oauth/login/{ACME}/peer"))
    assert browser.get(f"/api/v1/{GLOBEX}/flows/search").status_code == 404
    me = browser.get("/api/v1/me").json()
    assert [tenant["id"] for tenant in me["tenants"]] == [ACME]
    with instance_scope():
        assert User.objects.get(id=me["id"]).home == ACME
        assert Session.objects.get(user_id=me["id"]).provider_id == made["id"]
    with tenant_scope(ACME):
        assert TenantAccess.objects.filter(user_id=me["id"]).exists()


def test_a_tenants_provider_links_only_who_may_enter_no_other_tenant(cast: Cast, peer: OpenIdPeer):
    own = make_person("ada@acme.test", tenants=[ACME])
    connect(cast.olga.client, ACME, peer, settings={"linkVerified": True})
    browser = Client()
    sign_in(browser, peer, f"/oauth/login/{ACME}/peer")
    assert browser.get("/api/v1/me").json()["id"] == own.user.id
    make_person("both@acme.test", tenants=[ACME, GLOBEX])
    peer.claims |= {"sub": "both-1", "email": "both@acme.test"}
    other = Client()
    sign_in(other, peer, f"/oauth/login/{ACME}/peer")
    identity = other.get("/api/v1/me").json()["id"]
    with instance_scope():
        assert User.objects.get(id=identity).home == ACME


def test_what_a_sign_in_changed_is_told_with_the_provider_as_its_actor(cast: Cast, peer: OpenIdPeer):
    make_group("Engineers")
    made = connect(cast.olga.client, ACME, peer, rules=[{"value": "eng", "group": "Engineers"}])
    peer.claims["groups"] = ["eng"]
    sign_in(Client(), peer, f"/oauth/login/{ACME}/peer")
    entries = cast.olga.client.get(f"/api/v1/{ACME}/auditlogs/search?size=100").json()["results"]
    own = [entry["auditLog"] for entry in entries if entry["auditLog"]["userId"] == made["id"]]
    assert {entry["detail"]["resource"] for entry in own} == {"GROUP", "TENANT_ACCESS"}


def test_why_somebody_was_refused_is_in_the_trail_and_not_on_the_page(cast: Cast, peer: OpenIdPeer):
    connect(cast.olga.client, ACME, peer)
    peer.tamper = lambda claims: {**claims, "aud": "another"}
    response = sign_in(Client(), peer, f"/oauth/login/{ACME}/peer")
    assert error_of(response) == "sign_in_refused"
    assert "aud" not in response["Location"]
    entries = cast.olga.client.get(f"/api/v1/{ACME}/auditlogs/search?size=100").json()["results"]
    assert any("aud: the token is for somebody else" in json.dumps(entry) for entry in entries)


def test_sign_out_leads_to_the_end_of_the_providers_session(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer)
    browser = Client()
    sign_in(browser, peer)
    token = browser.cookies["csrfToken"].value
    ended = browser.post("/api/v1/logout", headers={"X-CSRF-TOKEN": token})
    address = ended.json()["redirect"]
    told = dict(parse_qsl(urlsplit(address).query))
    assert address.startswith(f"{peer.issuer}/end?")
    assert told["id_token_hint"].count(".") == 2 and told["client_id"] == "orrery"
    assert told["post_logout_redirect_uri"].endswith("/ui/sign-in")
    assert browser.get("/api/v1/me").status_code == 401


def test_the_page_of_sign_in_shows_buttons_and_leads_by_the_domain_of_an_address(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer, domains=["acme.test"])
    connect(cast.olga.client, ACME, peer, "own")
    shown = Client().get("/api/v1/auths").json()
    assert [button["loginUri"] for button in shown["providers"]] == ["/oauth/login/peer"]
    shown = Client().get(f"/api/v1/auths?of={ACME}").json()
    assert [button["loginUri"] for button in shown["providers"]] == ["/oauth/login/peer", "/oauth/login/acme/own"]
    led = (
        Client()
        .post("/api/v1/auths/lookup", json.dumps({"email": "Ada@ACME.test"}), content_type="application/json")
        .json()
    )
    assert led["loginUri"] == "/oauth/login/peer"
    nowhere = (
        Client()
        .post("/api/v1/auths/lookup", json.dumps({"email": "ada@globex.test"}), content_type="application/json")
        .json()
    )
    assert nowhere["loginUri"] == ""
