"""Signing in by Keycloak as it comes out of its box: what it really sends, and what follows from it here."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from joserfc import jws

from control_plane.kernel.config import config
from control_plane.kernel.scope import instance_scope, tenant_scope
from iam.models import ExternalIdentity, GroupMember, User
from iam.sso.oidc import keys
from tests.cast import ACME, Cast, make_cast
from tests.iam.sso.keycloak_peer import CLIENT, SECRET, Browser, Keycloak, Realm
from tests.iam.sso.openid_peer import come_back, error_of, is_signed_in, led_to
from tests.iam.sso.test_sign_in import make_group

pytestmark = [pytest.mark.django_db, pytest.mark.nightly]
ORIGIN = config().origin.rstrip("/")
CALLBACK = f"{ORIGIN}/oauth/callback/peer"
PATHS = [
    {"value": "/engineering", "group": "Engineers", "tenant": ACME},
    {"value": "/engineering/platform", "group": "Platform", "tenant": ACME},
]


@pytest.fixture
def cast() -> Cast:
    keys.forget_keys()
    everybody = make_cast()
    make_group("Engineers", "Editor")
    make_group("Platform")
    return everybody


@pytest.fixture
def realm(keycloak: Keycloak) -> Realm:
    """With Ada in /engineering and its /platform, Bob in nothing, and their groups."""
    made = keycloak.realm(ORIGIN)
    made.groups["engineering"] = made.group("engineering")
    made.groups["platform"] = made.group("platform", under=made.groups["engineering"])
    made.people["ada"] = made.person("ada", *made.groups.values())
    made.people["bob"] = made.person("Bob", email="Bob@Acme.test", emailVerified=False)
    return made


def connect(cast: Cast, realm: Realm, *, secret: str = SECRET, rules: Any = PATHS, **settings: Any) -> dict[str, Any]:
    told = {"issuer": realm.issuer, "clientId": CLIENT, **settings}
    body = json.dumps({"name": "peer", "preset": "keycloak", "settings": told, "secret": secret, "rules": rules})
    made = cast.root.client.post("/api/v1/instance/identity-providers", body, content_type="application/json")
    assert made.status_code == 200, made.content
    return made.json()


def sign_in(ours: Client, name: str, theirs: Browser | None = None, **query: str) -> Any:
    there = theirs or Browser(CALLBACK)
    return come_back(ours, there.signed_in(led_to(ours, "/oauth/login/peer", **query), name))


def groups_of(email: str) -> set[str]:
    with instance_scope():
        user = User.objects.get(email=email)
    with tenant_scope(ACME):
        return set(GroupMember.objects.filter(user_id=user.id).values_list("group__name", flat=True))


def test_what_it_says_of_itself_fills_in_the_rest(cast: Cast, realm: Realm):
    made = connect(cast, realm)
    assert made["discovered"]["issuer"] == realm.issuer
    assert made["discovered"]["end_session_endpoint"].endswith("/protocol/openid-connect/logout")
    assert (made["redirectUri"], made["postLogoutRedirectUri"]) == (CALLBACK, f"{ORIGIN}/ui/sign-in")
    (client,) = realm.ask("GET", f"/clients?clientId={CLIENT}")
    assert made["redirectUri"] in client["redirectUris"]
    assert made["backchannelLogoutUri"] == client["attributes"]["backchannel.logout.url"], "what the page says to copy"


def test_ada_signs_in_with_her_groups_and_both_sides_of_a_change_follow(cast: Cast, realm: Realm):
    connect(cast, realm)
    ours, theirs = Client(), Browser(CALLBACK)
    response = sign_in(ours, "ada", theirs, next="/ui/acme/flows")
    assert is_signed_in(response) and response["Location"] == "/ui/acme/flows"
    assert ours.get("/api/v1/me").json()["profile"]["email"] == "ada@acme.test"
    assert groups_of("ada@acme.test") == {"Engineers", "Platform"}
    realm.leave(realm.people["ada"], realm.groups["engineering"])
    assert is_signed_in(sign_in(ours, "ada", theirs))
    assert groups_of("ada@acme.test") == {"Platform"}, "being in a subgroup is not being in its parent"
    realm.leave(realm.people["ada"], realm.groups["platform"])
    assert is_signed_in(sign_in(ours, "ada", theirs))
    assert groups_of("ada@acme.test") == set(), "no claim at all says: in no group"
    assert ours.get(f"/api/v1/{ACME}/flows/search").status_code == 404
    realm.join(realm.people["ada"], realm.groups["engineering"])
    assert is_signed_in(sign_in(ours, "ada", theirs))
    assert groups_of("ada@acme.test") == {"Engineers"}
    assert ours.get(f"/api/v1/{ACME}/flows/search").status_code == 200


def test_groups_may_come_by_their_last_names_alone(cast: Cast, realm: Realm):
    realm.change_mapper(full_path="false")
    connect(cast, realm, rules=[{"value": "platform", "group": "Platform", "tenant": ACME}])
    assert is_signed_in(sign_in(Client(), "ada"))
    assert groups_of("ada@acme.test") == {"Platform"}


def test_groups_may_be_in_userinfo_alone(cast: Cast, realm: Realm):
    realm.change_mapper(id_token_claim="false")
    connect(cast, realm)
    assert is_signed_in(sign_in(Client(), "ada"))
    assert groups_of("ada@acme.test") == {"Engineers", "Platform"}


def test_whoever_is_in_no_group_and_never_verified_signs_in_and_is_linked_to_nobody(cast: Cast, realm: Realm):
    connect(cast, realm, linkVerified=True)
    assert is_signed_in(sign_in(Client(), "bob")), "it stores names in lower case, and asks in any"
    with instance_scope():
        identity = ExternalIdentity.objects.select_related("user").get()
    assert (identity.issuer, identity.subject) == (realm.issuer, realm.people["bob"])
    assert identity.user.email == "bob@acme.test"
    assert groups_of("bob@acme.test") == set()


def test_the_scope_openid_alone_brings_all_the_same(cast: Cast, realm: Realm):
    connect(cast, realm, scopes=["openid"])
    ours = Client()
    assert is_signed_in(sign_in(ours, "ada"))
    assert ours.get("/api/v1/me").json()["profile"]["firstName"] == "Ada"


def test_a_session_without_end_may_be_asked_for_and_one_that_is_not_allowed_is_refused(cast: Cast, realm: Realm):
    connect(cast, realm, scopes=["openid", "email", "offline_access"])
    assert is_signed_in(sign_in(Client(), "ada"))
    person = realm.people["ada"]
    roles = realm.ask("GET", f"/users/{person}/role-mappings/realm")
    realm.ask("DELETE", f"/users/{person}/role-mappings/realm", roles)
    assert error_of(sign_in(Client(), "ada")) == "sign_in_refused", "it says so where the code is redeemed"


def test_its_second_key_is_for_encryption_and_signs_nobody_in(cast: Cast, realm: Realm):
    from iam.models import IdentityProvider

    made = connect(cast, realm)
    with instance_scope():
        provider = IdentityProvider.objects.get(id=made["id"])
    address = provider.found["metadata"]["jwks_uri"]
    assert [key.get("use") for key in keys.fetch_keys(provider, address)] == ["sig"]
    assert "HS256" in provider.found["metadata"]["id_token_signing_alg_values_supported"]
    assert all(not name.startswith("HS") for name in made["settings"]["algorithms"])


def test_a_new_key_of_its_is_found_once_it_signs(cast: Cast, realm: Realm, monkeypatch: pytest.MonkeyPatch):
    connect(cast, realm)
    assert is_signed_in(sign_in(Client(), "ada"))
    realm.rotate(priority=200)
    monkeypatch.setattr(keys, "PAUSE", 0.0)
    assert is_signed_in(sign_in(Client(), "ada"))


def test_right_after_a_question_for_keys_an_unknown_one_is_refused_and_not_asked_for(cast: Cast, realm: Realm):
    connect(cast, realm)
    assert is_signed_in(sign_in(Client(), "ada"))
    realm.rotate(priority=200)
    assert error_of(sign_in(Client(), "ada")) == "sign_in_refused"


def test_sign_out_over_there_needs_no_question_and_leads_back(cast: Cast, realm: Realm):
    connect(cast, realm)
    ours, theirs = Client(), Browser(CALLBACK)
    sign_in(ours, "ada", theirs)
    token = ours.cookies["csrfToken"].value
    address = ours.post("/api/v1/logout", headers={"X-CSRF-TOKEN": token}).json()["redirect"]
    answer = theirs.get(address)
    assert answer.is_redirect and answer.headers["Location"].startswith(f"{ORIGIN}/ui/sign-in")
    again = theirs.get(led_to(Client(), "/oauth/login/peer"))
    assert again.status_code == 200 and 'name="password"' in again.text, "it asks for the password again"


@contextmanager
def listening() -> Iterator[tuple[str, list[str], threading.Semaphore]]:
    """An address for logout tokens, those that came, and a signal for each."""
    came: list[str] = []
    signal = threading.Semaphore(0)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = self.rfile.read(int(self.headers["Content-Length"])).decode()
            came.append(parse_qs(told)["logout_token"][0])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()
            signal.release()

        def log_message(self, format: str, *args: Any) -> None:
            """Tests say what came."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", came, signal
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def told_of_logout(token: str) -> Any:
    sent = urlencode({"logout_token": token})
    return Client().post("/oauth/backchannel-logout/peer", sent, content_type="application/x-www-form-urlencoded")


def test_its_logout_tokens_end_one_session_each_and_work_once(cast: Cast, realm: Realm):
    connect(cast, realm)
    with listening() as (address, came, signal):
        attributes = realm.ask("GET", f"/clients?clientId={CLIENT}")[0]["attributes"]
        realm.change_client(attributes={**attributes, "backchannel.logout.url": address})
        sessions = [Client(), Client(), Client()]
        for ours in sessions:
            assert is_signed_in(sign_in(ours, "ada"))
        realm.sign_out(realm.people["ada"])
        assert all(signal.acquire(timeout=20) for _ in sessions), "one for each session"
    assert jws.extract_compact(came[0].encode()).headers()["typ"] == "logout+jwt"
    for count, token in enumerate(came, 1):
        assert told_of_logout(token).status_code == 200
        ended = [ours.get("/api/v1/me").status_code for ours in sessions].count(401)
        assert ended == count
    assert told_of_logout(came[0]).status_code == 400, "it was used before"


def test_a_wrong_secret_is_refused_and_the_trail_says_why(cast: Cast, realm: Realm):
    connect(cast, realm, secret="another")
    assert error_of(sign_in(Client(), "ada")) == "sign_in_refused"
    told = cast.root.client.get("/api/v1/auditlogs/search?size=50").content.decode()
    assert "unauthorized_client (401)" in told


def test_what_it_refuses_comes_back_as_its_word(cast: Cast, realm: Realm):
    connect(cast, realm, scopes=["openid", "nosuch"])
    ours = Client()
    answer = Browser(CALLBACK).get(led_to(ours, "/oauth/login/peer"))
    assert "error=invalid_scope" in answer.headers["Location"] and "iss=" in answer.headers["Location"]
    assert error_of(come_back(ours, answer.headers["Location"])) == "sign_in_refused"


def test_its_answer_names_itself_and_another_realms_is_not_taken(cast: Cast, keycloak: Keycloak, realm: Realm):
    other = keycloak.realm(ORIGIN)
    connect(cast, realm)
    ours = Client()
    back = Browser(CALLBACK).signed_in(led_to(ours, "/oauth/login/peer"), "ada")
    told = dict(parse_qsl(urlsplit(back).query))
    assert told["iss"] == realm.issuer
    assert error_of(come_back(ours, f"{CALLBACK}?{urlencode({**told, 'iss': other.issuer})}")) == "sign_in_refused"


def test_whom_it_has_disabled_does_not_come_back(cast: Cast, realm: Realm):
    connect(cast, realm)
    ours, theirs = Client(), Browser(CALLBACK)
    assert is_signed_in(sign_in(ours, "ada", theirs))
    back = theirs.signed_in(led_to(ours, "/oauth/login/peer"), "ada")
    realm.disable(realm.people["ada"])
    assert error_of(come_back(ours, back)) == "sign_in_refused", "the code is worth nothing any more"
    with pytest.raises(AssertionError, match="Sign in to"):
        theirs.signed_in(led_to(ours, "/oauth/login/peer"), "ada")


def test_a_try_in_a_second_window_asks_for_the_password_again_and_shows_each_claim(cast: Cast, realm: Realm):
    made = connect(cast, realm)
    theirs = Browser(CALLBACK)
    sign_in(Client(), "ada", theirs)
    for name, browser, outcome in (("ada", theirs, "known"), ("bob", Browser(CALLBACK), "create")):
        asked = led_to(cast.root.client, "/oauth/login/peer", test="true")
        assert dict(parse_qsl(urlsplit(asked).query))["prompt"] == "login"
        assert 'name="password"' in browser.get(asked).text
        come_back(cast.root.client, browser.signed_in(asked, name))
        path = f"/api/v1/instance/identity-providers/{made['id']}/test"
        shown = cast.root.client.get(path).json()
        assert (shown["outcome"], shown["claims"]["preferred_username"]) == (outcome, name)
    with instance_scope():
        assert not User.objects.filter(email="bob@acme.test").exists()
