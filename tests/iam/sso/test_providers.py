"""Connecting an identity provider: what is checked before it is saved, who may, and trying it without anybody noticing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from control_plane.kernel.config import override
from control_plane.kernel.scope import instance_scope, tenant_scope
from iam.models import ExternalIdentity, IdentityProvider, User
from iam.services.sessions import sign_in as sign_in_by_password
from iam.sso.doctor import findings
from iam.sso.oidc.keys import forget_keys
from tests.cast import ACME, PASSWORD, Cast, make_cast, make_person
from tests.iam.sso.openid_peer import SECRET, OpenIdPeer, come_back, connect, led_to, openid_peer, sign_in, wish

pytestmark = pytest.mark.django_db
V1 = "/api/v1"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def peer() -> Iterator[OpenIdPeer]:
    forget_keys()
    with openid_peer() as started:
        started.claims = {"sub": "ada-1", "email": "ada@acme.test", "email_verified": True, "groups": ["eng"]}
        yield started


def send(client: Client, method: str, path: str, body: object = None) -> Any:
    return client.generic(method, f"{V1}/{path}", json.dumps(body or {}), "application/json")


def test_a_provider_is_connected_shown_changed_and_taken_away(cast: Cast, peer: OpenIdPeer):
    made = connect(cast.olga.client, ACME, peer)
    assert made["redirectUri"].endswith(f"/oauth/callback/{ACME}/peer")
    assert made["discovered"]["token_endpoint"] == f"{peer.issuer}/token"
    path = f"{ACME}/identity-providers/{made['id']}"
    assert send(cast.olga.client, "PUT", path, {**made, "title": "Our own"}).json()["title"] == "Our own"
    assert send(cast.olga.client, "GET", f"{ACME}/identity-providers").json()["total"] == 1
    assert send(cast.olga.client, "DELETE", path).status_code == 204
    assert send(cast.olga.client, "GET", path).status_code == 404


def test_the_secret_is_kept_encrypted_and_shown_nowhere(cast: Cast, peer: OpenIdPeer):
    made = connect(cast.olga.client, ACME, peer)
    shown = [
        json.dumps(made),
        send(cast.olga.client, "GET", f"{ACME}/identity-providers").content.decode(),
        send(cast.olga.client, "GET", f"{ACME}/auditlogs/search?size=100").content.decode(),
    ]
    with tenant_scope(ACME):
        shown.append(IdentityProvider.objects.get().sealed)
    assert not any(SECRET in each for each in shown) and made["hasSecret"]
    changed = {**made, "title": "x"}
    changed.pop("secret", None)
    send(cast.olga.client, "PUT", f"{ACME}/identity-providers/{made['id']}", changed)
    assert sign_in(Client(), peer, f"/oauth/login/{ACME}/peer").cookies["JWT"].value, (
        "the secret is still the one given"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": "https://evil.test"},
        {"issuer": None},
        {"token_endpoint": None},
        {"jwks_uri": 7},
        {"token_endpoint": "http://idp.example.com/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "https://user:pass@idp.example.com/keys"},
    ],
    ids=str,
)
def test_what_an_issuer_says_of_itself_is_checked(cast: Cast, peer: OpenIdPeer, change: dict[str, Any]):
    peer.metadata = change
    refused = send(cast.root.client, "POST", "instance/identity-providers", wish(peer))
    assert refused.status_code == 422, refused.content
    with instance_scope():
        assert not IdentityProvider.objects.exists()


@pytest.mark.parametrize(
    "issuer",
    [
        "http://idp.example.com",
        "ftp://127.0.0.1/",
        "https://169.254.169.254/latest",
        "https://metadata.google.internal/",
        "https://[fd00:ec2::254]/",
        "https://0.0.0.0/",
        "file:///etc/passwd",
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/{tenantid}/v2.0",
        "https://user@127.0.0.1/",
        "",
        "nonsense",
    ],
)
def test_an_address_that_must_not_be_asked_is_refused(cast: Cast, peer: OpenIdPeer, issuer: str):
    body = {**wish(peer), "settings": {"issuer": issuer, "clientId": "x"}}
    assert send(cast.root.client, "POST", "instance/identity-providers", body).status_code in (403, 422, 503)


def test_a_tenants_admin_reaches_no_inner_network_that_tasks_may_not(cast: Cast, peer: OpenIdPeer):
    with override(egress={"allow_private": False, "allow_self": False}):
        refused = send(cast.olga.client, "POST", f"{ACME}/identity-providers", wish(peer))
        assert refused.status_code == 503 and "may not be reached" in refused.json()["message"]
        assert peer.asked == []
        assert send(cast.root.client, "POST", "instance/identity-providers", wish(peer)).status_code == 200


def test_nobody_gives_groups_by_a_rule_that_they_could_not_give(cast: Cast, peer: OpenIdPeer):
    """Whoever may connect providers and is no admin does not become one by their own provider."""
    role = {"name": "connector", "permissions": {"SECURITY_INTEGRATION": ["CREATE", "LIST", "VIEW"]}}
    made = send(cast.olga.client, "POST", f"{ACME}/roles", role).json()
    group = send(cast.olga.client, "POST", f"{ACME}/groups", {"name": "Admins"}).json()
    binding = {"type": "GROUP", "externalId": group["id"], "roleId": f"admin_{ACME}"}
    assert send(cast.olga.client, "POST", f"{ACME}/bindings", binding).status_code == 200
    nora = make_person("nora@acme.test", tenants=[ACME])
    binding = {"type": "USER", "externalId": nora.user.id, "roleId": made["id"]}
    assert send(cast.olga.client, "POST", f"{ACME}/bindings", binding).status_code == 200
    body = wish(peer, rules=[{"value": "eng", "group": "Admins"}])
    assert send(nora.client, "POST", f"{ACME}/identity-providers", body).status_code == 403
    assert send(nora.client, "POST", f"{ACME}/identity-providers", wish(peer)).status_code == 200


def test_only_a_superadmin_leads_a_domain_to_the_provider_of_a_tenant(cast: Cast, peer: OpenIdPeer):
    body = wish(peer, domains=["globex.test"])
    assert send(cast.olga.client, "POST", f"{ACME}/identity-providers", body).status_code == 403


def browser_of(person: Any) -> Client:
    secret = sign_in_by_password(person.context(), username=person.user.email, password=PASSWORD)
    browser = Client()
    browser.cookies["JWT"] = secret
    return browser


def test_a_test_shows_claims_and_rules_and_changes_nothing(cast: Cast, peer: OpenIdPeer):
    root = make_person("admin@orrery.test", is_superadmin=True, password=PASSWORD)
    rules = [{"value": "eng", "group": "Engineers", "tenant": ACME}]
    made = connect(cast.root.client, "instance", peer, rules=rules, enabled=False)
    browser = browser_of(root)
    back = f"/ui/acme/instance/authentication?provider={made['id']}"
    response = come_back(browser, peer.authorize(led_to(browser, "/oauth/login/peer", test="true", next=back)))
    assert response["Location"] == back and "JWT" not in response.cookies
    shown = send(cast.root.client, "GET", f"instance/identity-providers/{made['id']}/test").json()
    assert (shown["outcome"], shown["email"], shown["groups"]) == ("create", "ada@acme.test", {ACME: ["Engineers"]})
    assert shown["rules"][0]["matched"] == ["eng"] and shown["claims"]["sub"] == "ada-1"
    with instance_scope():
        assert not ExternalIdentity.objects.exists() and not User.objects.filter(email="ada@acme.test").exists()


def test_a_test_that_fails_says_why(cast: Cast, peer: OpenIdPeer):
    root = make_person("admin@orrery.test", is_superadmin=True, password=PASSWORD)
    made = connect(cast.root.client, "instance", peer)
    peer.tamper = lambda claims: {**claims, "aud": "another"}
    browser = browser_of(root)
    come_back(browser, peer.authorize(led_to(browser, "/oauth/login/peer", test="true")))
    shown = send(cast.root.client, "GET", f"instance/identity-providers/{made['id']}/test").json()
    assert (shown["outcome"], shown["reason"]) == ("refused", "aud: the token is for somebody else")


def test_only_who_may_change_a_provider_tries_it(cast: Cast, peer: OpenIdPeer):
    connect(cast.root.client, "instance", peer)
    assert Client().get("/oauth/login/peer?test=true").status_code == 401
    assert cast.olga.client.get("/oauth/login/peer?test=true").status_code == 403


def test_the_simulator_shows_groups_roles_and_rights_rule_by_rule(cast: Cast, peer: OpenIdPeer):
    group = send(cast.olga.client, "POST", f"{ACME}/groups", {"name": "Engineers"}).json()
    binding = {"type": "GROUP", "externalId": group["id"], "roleId": f"editor_{ACME}"}
    send(cast.olga.client, "POST", f"{ACME}/bindings", binding)
    rules = [{"claim": "realm.roles", "match": "glob", "value": "eng-*", "group": "Engineers"}]
    made = connect(cast.olga.client, ACME, peer, rules=rules)
    path = f"{ACME}/identity-providers/{made['id']}/simulate"
    shown = send(cast.olga.client, "POST", path, {"claims": {"realm": {"roles": ["eng-1", "x"]}}}).json()
    assert shown["rules"][0]["seen"] == ["eng-1", "x"] and shown["rules"][0]["matched"] == ["eng-1"]
    (found,) = shown["tenants"][0]["groups"]
    assert (found["name"], found["roles"][0]["name"]) == ("Engineers", "Editor")
    assert "FLOW" in found["roles"][0]["permissions"]
    scim = {"groups": [{"display": "Engineers", "value": "1"}]}
    drafted = {"claims": scim, "rules": [{"claim": "groups.display", "match": "any", "group": "{value}"}]}
    shown = send(cast.olga.client, "POST", path, drafted).json()
    assert shown["rules"][0]["groups"] == ["Engineers"]


def test_with_providers_only_superadmins_keep_their_password(cast: Cast):
    admin = make_person("admin@orrery.test", is_superadmin=True, password=PASSWORD)
    make_person("eva@acme.test", password=PASSWORD)

    def sign_in_as(email: str) -> int:
        body = json.dumps({"username": email, "password": PASSWORD})
        return Client().post("/login", body, content_type="application/json").status_code

    with override(sign_in={"passwords": "superadmins"}):
        assert Client().get(f"{V1}/auths").json()["loginPassword"] is False
        assert sign_in_as("eva@acme.test") == 401
        assert sign_in_as(admin.user.email) == 200
    assert sign_in_as("eva@acme.test") == 200


def test_the_doctor_asks_every_provider_and_says_whose_password_is_left(cast: Cast, peer: OpenIdPeer):
    connect(cast.olga.client, ACME, peer)
    with openid_peer() as gone:
        connect(cast.root.client, "instance", gone, "gone")
    found = {name: (good, text) for name, good, text in findings()}
    assert found[f"{ACME}/peer"][0] is True
    assert found["instance/gone"][0] is False
    assert found["a door that stays open"] == (False, "no superadmin has a password")
    make_person("admin@orrery.test", is_superadmin=True, password=PASSWORD)
    found = {name: (good, text) for name, good, text in findings()}
    assert found["a door that stays open"] == (True, "admin@orrery.test")


def test_whoever_may_not_connect_a_provider_makes_us_ask_nobody(cast: Cast, peer: OpenIdPeer):
    assert send(cast.vera.client, "POST", f"{ACME}/identity-providers", wish(peer)).status_code == 403
    assert (
        send(cast.vera.client, "POST", f"{ACME}/identity-providers/discover", {"issuer": peer.issuer}).status_code
        == 403
    )
    assert peer.asked == []
