"""Getting back in: a forgotten password, a locked account, other sessions; and what one is called."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from audit.models import AuditEntry
from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.config import override
from control_plane.kernel.csrf import csrf_of
from control_plane.kernel.scope import instance_scope
from control_plane.kernel.words.clock import now
from iam.mailing import smtp
from iam.models import LoginFailures, PasswordReset, Session, User
from iam.services.resets import make_reset
from tests.cast import PASSWORD, Person, make_person
from tests.iam.smtp_peer import MailServer, mail_server

pytestmark = pytest.mark.django_db
PIA, WRONG, OTHER = "pia@acme.test", "Wrong-password-1", "Another-horse-2"
HOME, STRANGE = "192.0.2.7", "203.0.113.9"


@pytest.fixture
def pia() -> Person:
    return make_person(PIA, password=PASSWORD)


@pytest.fixture
def root() -> Person:
    return make_person("root@orrery.test", is_superadmin=True)


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server, override(mail=server.knobs):
        yield server
        smtp.settle()


def send(client: Client, method: str, path: str, body: object = None, **extra):
    return client.generic(method, path, "" if body is None else json.dumps(body), "application/json", **extra)


def browser(password: str = PASSWORD, ip: str = HOME, email: str = PIA) -> Client:
    client = Client(REMOTE_ADDR=ip)
    answer = send(client, "POST", "/login", {"username": email, "password": password})
    assert answer.status_code == 200, answer.content
    assert client.cookies["csrfToken"].value == csrf_of(client.cookies["JWT"].value)
    client.defaults["HTTP_X_CSRF_TOKEN"] = client.cookies["csrfToken"].value
    return client


def tried(password: str, ip: str) -> int:
    return send(Client(REMOTE_ADDR=ip), "POST", "/login", {"username": PIA, "password": password}).status_code


def test_a_mailed_link_gives_a_new_password_once(pia: Person, mail: MailServer):
    signed_in = browser()
    assert send(Client(), "POST", "/api/v1/forgotten-password", {"username": PIA.upper()}).json() == {}
    found = re.search(r"/ui/reset-password/(orp_\w+)", mail.next().get_content())
    assert found
    weak = {"token": found[1], "password": "weak"}
    assert send(Client(), "POST", "/api/v1/reset-password", weak).status_code == 422
    new = {"token": found[1], "password": OTHER}
    assert send(Client(), "POST", "/api/v1/reset-password", new).json() == {}
    assert signed_in.get("/api/v1/me").status_code == 401, "whoever was signed in is out"
    assert tried(PASSWORD, HOME) == 401 and tried(OTHER, HOME) == 200
    again = send(Client(), "POST", "/api/v1/reset-password", new)
    assert (again.status_code, again.json()["code"]) == (410, "reset_void")


def test_a_link_that_is_too_old_or_replaced_gives_nothing(pia: Person):
    def link() -> str:
        message = make_reset(Context(SYSTEM), name=PIA)
        assert message is not None
        return re.findall(r"orp_\w+", message.text)[0]

    first, second = link(), link()
    for token in (first, "orp_x", second[:-1]):
        assert send(Client(), "POST", "/api/v1/reset-password", {"token": token, "password": OTHER}).status_code == 410
    PasswordReset.objects.update(expires_at=now())
    assert send(Client(), "POST", "/api/v1/reset-password", {"token": second, "password": OTHER}).status_code == 410


def test_asking_for_a_password_tells_nothing_and_is_limited(pia: Person, mail: MailServer):
    def ask(name: str) -> bytes:
        return send(Client(), "POST", "/api/v1/forgotten-password", {"username": name}).content

    assert ask(PIA) == ask("nobody@acme.test") == b"{}"
    assert mail.next()["To"] == PIA
    ask(PIA)
    with override(password_reset={"cooldown": timedelta(0), "requests": 3}):
        for _ in range(4):
            ask(PIA)
    smtp.settle()
    assert mail.kept.qsize() == 2, "one within the cool-down is not sent, and no more than three in an hour"


def test_strangers_close_a_name_for_strangers_alone(pia: Person):
    inside = browser(ip=HOME)
    with override(lockout={"failures": 3}):
        for _ in range(4):
            assert tried(WRONG, STRANGE) == 401
        assert tried(PASSWORD, STRANGE) == 401, "closed there"
        assert inside.get("/api/v1/me").status_code == 200
        assert tried(PASSWORD, "192.0.2.99") == 200, "open from where she came before"
        for _ in range(3):
            assert tried(WRONG, HOME) == 401
        assert tried(PASSWORD, HOME) == 401, "whoever guesses from there closes it there"


def test_a_superadmin_opens_a_closed_account(pia: Person, root: Person):
    with override(lockout={"failures": 2}):
        for _ in range(2):
            tried(WRONG, STRANGE)
        assert tried(PASSWORD, STRANGE) == 401
        path = f"/api/v1/users/{pia.user.id}"
        assert root.client.get(path).json()["locked"] is True
        assert send(root.client, "POST", f"{path}/unlock").json()["locked"] is False
        assert tried(PASSWORD, STRANGE) == 200
        assert not LoginFailures.objects.filter(email=PIA, locked_until__isnull=False).exists()


def test_one_sees_and_ends_ones_sessions(pia: Person):
    here, there, third = browser(), browser(ip=STRANGE), browser()
    listed = here.get("/api/v1/me/sessions").json()
    assert len(listed) == 3 and sum(each["current"] for each in listed) == 1
    elsewhere = next(each["id"] for each in listed if each.get("ip") == STRANGE)
    assert send(here, "DELETE", f"/api/v1/me/sessions/{elsewhere}").status_code == 204
    assert there.get("/api/v1/me").status_code == 401
    assert send(here, "DELETE", f"/api/v1/me/sessions/{elsewhere}").status_code == 404
    assert send(here, "DELETE", "/api/v1/me/sessions").json() == {"count": 1}
    assert third.get("/api/v1/me").status_code == 401 and here.get("/api/v1/me").status_code == 200


def test_a_change_of_password_gives_the_session_another_secret(pia: Person):
    client = browser()
    stolen = Client()
    stolen.cookies["JWT"] = client.cookies["JWT"].value
    change = {"oldPassword": PASSWORD, "newPassword": OTHER}
    assert send(client, "PUT", "/api/v1/me/password", change).status_code == 200
    assert client.get("/api/v1/me").status_code == 200 and stolen.get("/api/v1/me").status_code == 401
    assert Session.objects.count() == 1


def test_preferences_are_kept_and_checked(pia: Person):
    chosen = {"language": "fr", "theme": "dark", "timeZone": "Europe/Paris"}
    assert send(pia.client, "PATCH", "/api/v1/me", chosen).json()["preferences"] == chosen
    kept = send(pia.client, "PATCH", "/api/v1/me", {"theme": "light", "firstName": "Pia"}).json()
    assert kept["preferences"] == {**chosen, "theme": "light"} and kept["profile"]["firstName"] == "Pia"
    for field, value in (("language", "French"), ("theme", "pink"), ("timeZone", "Mars/Olympus")):
        wrong = send(pia.client, "PATCH", "/api/v1/me", {field: value})
        assert wrong.status_code == 422 and wrong.json()["_embedded"]["errors"][0]["path"] == field


def test_another_address_asks_for_the_password(pia: Person):
    new = {"email": "pia2@acme.test"}
    assert send(pia.client, "PATCH", "/api/v1/me", new).status_code == 403
    assert send(pia.client, "PATCH", "/api/v1/me", {**new, "password": WRONG}).status_code == 403
    changed = send(pia.client, "PATCH", "/api/v1/me", {**new, "password": PASSWORD})
    assert changed.json()["profile"]["email"] == "pia2@acme.test"
    assert User.objects.get(id=pia.user.id).is_address_claimed


@pytest.mark.parametrize("name", ["P\u200bia", "Pi\u0430", "\u202eaiP", "\uff30ia", "Pia\x00"])
def test_a_name_that_deceives_is_refused(pia: Person, root: Person, name: str):
    wrong = send(pia.client, "PATCH", "/api/v1/me", {"firstName": name})
    assert wrong.status_code == 422 and wrong.json()["_embedded"]["errors"][0]["path"] == "firstName"
    user = {"email": f"x{name}@acme.test"}
    assert send(root.client, "POST", "/api/v1/users", user).status_code == 422
    assert send(root.client, "POST", "/api/v1/users", {"email": "x@acme.test", "lastName": name}).status_code == 422
    assert not User.objects.filter(email__startswith="x").exists()


@pytest.mark.parametrize("name", ["Zoë", "Иван", "李小龍", "O'Neil", "Nguyễn Văn A"])
def test_a_name_of_any_language_is_taken(pia: Person, name: str):
    assert send(pia.client, "PATCH", "/api/v1/me", {"firstName": name}).json()["profile"]["firstName"] == name


def test_nobody_signs_in_by_a_code(pia: Person):
    assert Client().get("/api/v1/request-code/pia@acme.test").status_code == 405


def test_a_superadmin_acts_as_somebody_under_both_names(pia: Person, root: Person):
    User.objects.filter(id=root.user.id).update(password=pia.user.password)
    client = browser(email="root@orrery.test")
    path = f"/api/v1/users/{pia.user.id}/impersonate"
    assert send(client, "POST", path).json() == {"id": pia.user.id, "username": PIA}
    me = client.get("/api/v1/me").json()
    assert (me["id"], me["superAdmin"], me["impersonator"]["username"]) == (pia.user.id, False, "root@orrery.test")
    assert client.get("/api/v1/users").status_code == 403
    for method, where, body in (
        ("POST", "/api/v1/me/api-tokens", {"name": "x"}),
        ("PATCH", "/api/v1/me", {"firstName": "x"}),
        ("PUT", "/api/v1/me/password", {"oldPassword": PASSWORD, "newPassword": OTHER}),
        ("GET", "/api/v1/me/sessions", None),
        ("POST", path, None),
    ):
        assert send(client, method, where, body).status_code == 403, where
    assert send(client, "DELETE", "/api/v1/me/impersonation").status_code == 204
    assert client.get("/api/v1/me").json()["id"] == root.user.id
    assert send(client, "DELETE", "/api/v1/me/impersonation").status_code == 409
    with instance_scope():
        began, ended = (entry for entry in AuditEntry.objects.filter(action="IMPERSONATE").order_by("seq"))
    assert (began.actor_name, began.object_id) == ("root@orrery.test", pia.user.id)
    assert ended.actor_name == PIA and json.loads(ended.body)["impersonator"]["name"] == "root@orrery.test"


def test_a_program_names_whom_it_acts_as_in_each_request(pia: Person, root: Person):
    answer = send(root.client, "POST", f"/api/v1/users/{pia.user.id}/impersonate").json()
    assert answer["header"] == "X-Kestra-Impersonate"
    acting = {"headers": {"x-kestra-impersonate": PIA.upper()}}
    assert root.client.get("/api/v1/me", **acting).json()["id"] == pia.user.id
    assert root.client.get("/api/v1/me").json()["id"] == root.user.id
    assert root.client.get("/api/v1/me", headers={"x-kestra-impersonate": "no@one.test"}).status_code == 404
    assert pia.client.get("/api/v1/me", headers={"x-kestra-impersonate": "root@orrery.test"}).status_code == 403
    assert Client().get("/api/v1/me", **acting).status_code in (401, 403)
