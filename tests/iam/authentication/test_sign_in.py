"""Set-up, sign-in, sessions, CSRF, tokens and HTTP Basic, as clients use them."""

import base64
import json

import pytest
from django.test import Client

from audit.models import AuditEntry
from control_plane.kernel.config import override
from control_plane.kernel.scope import instance_scope, tenant_scope
from iam.authentication.tokens import new_token
from iam.models import Session
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
EMAIL = "ada@example.com"
SETUP = {"username": EMAIL, "password": PASSWORD, "tenant": {"id": "acme", "name": "Acme"}}


def post(client: Client, path: str, body: object, **extra):
    return client.post(path, json.dumps(body), content_type="application/json", **extra)


@pytest.fixture
def client() -> Client:
    client = Client()
    assert post(client, "/api/v1/setup", SETUP).status_code == 200
    return client


@pytest.fixture
def signed_in(client: Client) -> Client:
    response = post(client, "/login", {"username": EMAIL, "password": PASSWORD})
    assert response.status_code == 200
    client.get("/ui/")
    return client


def csrf(client: Client) -> dict[str, str]:
    return {"headers": {"x-csrf-token": client.cookies["csrfToken"].value}}


def token_of(client: Client) -> str:
    response = post(client, "/api/v1/me/api-tokens", {"name": "ci"}, **csrf(client))
    assert response.status_code == 200
    return response.json()["fullToken"]


def test_a_fresh_instance_says_that_it_is_not_set_up():
    answer = Client().get("/api/v1/setup").json()
    assert answer["done"] is False and answer["passwordConfiguration"]["passwordMinLength"] == 8


def test_setup_makes_a_superadmin_who_administers_a_tenant(signed_in: Client):
    me = signed_in.get("/api/v1/me").json()
    assert me["superAdmin"] is True and me["profile"]["email"] == EMAIL
    assert me["tenants"] == [{"id": "acme", "name": "Acme"}]
    assert signed_in.get("/api/v1/acme/namespaces/search").status_code == 200


def test_setup_happens_once(client: Client):
    again = post(client, "/api/v1/setup", {**SETUP, "username": "eve@example.com"})
    assert again.status_code == 405 and again.json()["message"].startswith("Method Not Allowed")
    assert client.get("/api/v1/setup").json()["done"] is True


@pytest.mark.parametrize(
    "wrong",
    [
        {**SETUP, "username": "nobody"},
        {**SETUP, "password": "short"},
        {**SETUP, "tenant": {"id": "users"}},
        {**SETUP, "tenant": None},
        {},
        [],
    ],
)
def test_a_wrong_setup_leaves_nothing_behind(wrong):
    client = Client()
    assert post(client, "/api/v1/setup", wrong).status_code == 422
    assert client.get("/api/v1/setup").json()["done"] is False


@pytest.mark.parametrize("path", ["/login", "/api/v1/login"])
@pytest.mark.parametrize("kind", ["json", "form"])
def test_sign_in_by_json_and_by_form(client: Client, path: str, kind: str):
    sent = {"username": EMAIL.upper(), "password": PASSWORD}
    response = post(client, path, sent) if kind == "json" else client.post(path, sent)
    cookie = response.cookies["JWT"]
    assert response.status_code == 200
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/"


@pytest.mark.parametrize("name", [EMAIL, "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_name_are_the_same(client: Client, name: str):
    response = post(client, "/login", {"username": name, "password": "Wrong-password-1"})
    answer = response.json()
    answer.pop("requestId")
    assert response.status_code == 401 and "JWT" not in response.cookies
    rule = "10 wrong ones within 5 minutes close a name for 30 minutes"
    assert answer["message"] == f"Unauthorized: wrong name or password; {rule}"


def test_ten_failures_lock_the_account_even_for_the_right_password(client: Client):
    with override(lockout={"failures": 3}):
        for _ in range(3):
            post(client, "/login", {"username": EMAIL, "password": "Wrong-password-1"})
        assert post(client, "/login", {"username": EMAIL, "password": PASSWORD}).status_code == 401
    with instance_scope():
        actions = [entry.action for entry in AuditEntry.objects.order_by("seq")]
    assert actions[-4:] == ["LOGIN_FAILURE", "LOGIN_FAILURE", "ACCOUNT_LOCKED", "LOGIN_FAILURE"]


def test_another_site_cannot_sign_a_browser_in(client: Client):
    sent = {"username": EMAIL, "password": PASSWORD}
    assert post(client, "/login", sent, headers={"origin": "https://evil.example"}).status_code == 403
    assert post(client, "/login", sent, headers={"origin": "http://testserver"}).status_code == 200


def test_a_session_cookie_needs_the_csrf_header_for_changes_alone(signed_in: Client):
    body = {"name": "ci"}
    assert signed_in.get("/api/v1/me").status_code == 200
    assert post(signed_in, "/api/v1/me/api-tokens", body).status_code == 403
    wrong = {"headers": {"x-csrf-token": "x" * 43}}
    assert post(signed_in, "/api/v1/me/api-tokens", body, **wrong).status_code == 403
    assert post(signed_in, "/api/v1/me/api-tokens", body, **csrf(signed_in)).status_code == 200


def test_a_session_ends_at_once_when_told(signed_in: Client):
    stolen = Client()
    stolen.cookies["JWT"] = signed_in.cookies["JWT"].value
    assert stolen.get("/api/v1/me").status_code == 200
    assert signed_in.post("/api/v1/logout", **csrf(signed_in)).status_code == 200
    assert stolen.get("/api/v1/me").status_code == 401


def test_a_stale_cookie_does_not_keep_one_from_signing_in(client: Client):
    client.cookies["JWT"] = new_token("orx_")
    assert client.get("/api/v1/me").status_code == 401
    assert post(client, "/login", {"username": EMAIL, "password": PASSWORD}).status_code == 200


def test_a_session_that_was_idle_too_long_is_over(signed_in: Client):
    Session.objects.update(last_seen_at="2020-01-01T00:00:00Z")
    from iam.authentication import cache

    cache._known.clear()
    assert signed_in.get("/api/v1/me").status_code == 401


def test_a_token_opens_the_api_without_csrf_until_it_is_deleted(signed_in: Client):
    token = token_of(signed_in)
    program = Client(headers={"authorization": f"Bearer {token}"})
    assert program.get("/api/v1/me").status_code == 200
    listed = program.get("/api/v1/me/api-tokens").json()
    assert listed["total"] == 1 and "fullToken" not in listed["results"][0]
    assert token.startswith(listed["results"][0]["prefix"]) and listed["results"][0]["exp"]
    assert program.delete(f"/api/v1/me/api-tokens/{listed['results'][0]['id']}").status_code == 204
    assert program.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a--b", "a" * 64])
def test_a_token_needs_a_proper_name(signed_in: Client, name: str):
    assert post(signed_in, "/api/v1/me/api-tokens", {"name": name}, **csrf(signed_in)).status_code == 422


@pytest.mark.parametrize("age", ["PT0S", "P20000D", "soon"])
def test_a_token_lives_a_sensible_time(signed_in: Client, age: str):
    body = {"name": "ci", "maxAge": age}
    assert post(signed_in, "/api/v1/me/api-tokens", body, **csrf(signed_in)).status_code == 422


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer x",
        "Bearer ada@example.com:Correct-horse-1",
        pytest.param("Bearer " + new_token("oru_"), id="unknown token"),
        pytest.param("Bearer " + new_token("oru_")[:-1] + "é", id="not ascii"),
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"a\x00b:c").decode(),
        "Digest x",
        "\x00",
    ],
)
def test_bad_credentials_are_401(client: Client, header: str):
    response = Client().get("/api/v1/me", headers={"authorization": header})
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"


def basic(password: str) -> Client:
    value = base64.b64encode(f"{EMAIL}:{password}".encode()).decode()
    return Client(headers={"authorization": f"Basic {value}"})


def test_http_basic_works_without_csrf_and_can_be_switched_off(client: Client):
    assert basic(PASSWORD).get("/api/v1/me").status_code == 200
    assert post(basic(PASSWORD), "/api/v1/me/api-tokens", {"name": "ci"}).status_code == 200
    assert basic("Wrong-password-1").get("/api/v1/me").status_code == 401
    with override(basic_auth=False):
        assert basic(PASSWORD).get("/api/v1/me").status_code == 401


def test_a_remembered_password_dies_with_a_change_of_the_password(client: Client):
    assert basic(PASSWORD).get("/api/v1/me").status_code == 200
    change = {"oldPassword": PASSWORD, "newPassword": "Another-horse-2"}
    changed = basic(PASSWORD).put("/api/v1/me/password", json.dumps(change), content_type="application/json")
    assert changed.status_code == 200
    assert basic(PASSWORD).get("/api/v1/me").status_code == 401
    assert basic("Another-horse-2").get("/api/v1/me").status_code == 200


def test_a_remembered_password_costs_no_second_hash(client: Client, monkeypatch):
    assert basic(PASSWORD).get("/api/v1/me").status_code == 200
    monkeypatch.setattr("iam.authentication.sign_in.is_right", lambda *_: pytest.fail("hashed again"))
    assert basic(PASSWORD).get("/api/v1/me").status_code == 200


def test_secrets_do_not_enter_the_audit_trail(signed_in: Client):
    token = token_of(signed_in)
    with instance_scope():
        told = " ".join(AuditEntry.objects.values_list("body", flat=True))
    with tenant_scope("acme"):
        told += " ".join(AuditEntry.objects.values_list("body", flat=True))
    assert EMAIL in told
    for secret in (PASSWORD, token, signed_in.cookies["JWT"].value, "argon2"):
        assert secret not in told
