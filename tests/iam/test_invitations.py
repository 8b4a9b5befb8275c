"""Invitations: sent by a real mail server or shown, accepted once, and told apart when they are over."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client

from audit.models import AuditEntry
from control_plane.kernel.config import override
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from iam.authorization import versions
from iam.mailing import smtp
from iam.models import Invitation, Role, User
from tests.cast import ACME, PASSWORD, Cast, bind, make_cast, make_person
from tests.iam.smtp_peer import MailServer, mail_server

pytestmark = pytest.mark.django_db
V1 = f"/api/v1/{ACME}"
NEW = "nina@acme.test"
PERSON = {"firstName": "Nina", "lastName": "Ng", "password": PASSWORD}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server, override(mail=server.knobs):
        yield server
        smtp.settle()


def send(client: Client, method: str, path: str, body: object = None):
    url = path if path.startswith("/") else f"{V1}/{path}"
    return client.generic(method, url, "" if body is None else json.dumps(body), "application/json")


def invited(cast: Cast, email: str = NEW, **more) -> dict:
    response = send(cast.olga.client, "POST", "invitations", {"email": email, **more})
    assert response.status_code == 201, response.content
    return response.json()


def secret_of(link: str) -> str:
    return link.rpartition("/")[2]


def signed_in(email: str) -> Client:
    client = Client()
    assert send(client, "POST", "/login", {"username": email, "password": PASSWORD}).status_code == 200
    client.get("/ui/")
    client.defaults["HTTP_X_CSRF_TOKEN"] = client.cookies["csrfToken"].value
    return client


def test_a_mailed_link_makes_a_user_who_has_what_was_promised(cast: Cast, mail: MailServer):
    group = send(cast.olga.client, "POST", "groups", {"name": "Data"}).json()["id"]
    roles = [{"id": "viewer_acme", "namespaces": ["company.data"]}]
    made = invited(cast, roles=roles, groups=[group])
    message = mail.next()
    assert message["To"] == NEW and message["From"] == "orrery@acme.test" and "Acme" in message["Subject"]
    found = re.search(r"http\S+/ui/invitation/(\S+)", message.get_content())
    assert found and made["link"] == found[0]
    anybody = Client()
    told = send(anybody, "GET", f"/api/v1/invitation/{found[1]}").json()
    assert (told["email"], told["tenantName"], told["hasAccount"]) == (NEW, "Acme", False)
    accepted = send(anybody, "POST", f"/api/v1/invitation/create/{found[1]}", PERSON)
    assert accepted.json() == {"tenantId": ACME, "username": NEW}
    nina = signed_in(NEW)
    own = nina.get("/api/v1/me").json()
    assert own["tenants"][0]["id"] == ACME and own["profile"]["firstName"] == "Nina"
    access = nina.get(f"{V1}/tenant-access/{own['id']}").json()
    assert [(each["id"], each["namespace"]) for each in access["roles"]] == [("viewer_acme", "company.data")]
    assert [each["name"] for each in access["groups"]] == ["Data"]
    smtp.settle()
    shown = send(cast.olga.client, "GET", f"invitations/{made['id']}").json()
    assert (shown["status"], shown["mail"]) == ("ACCEPTED", "SENT") and "link" not in shown


def test_a_message_that_is_not_taken_is_told(cast: Cast, mail: MailServer):
    mail.refuses.add(NEW)
    made = invited(cast)
    smtp.settle()
    assert send(cast.olga.client, "GET", f"invitations/{made['id']}").json()["mail"] == "FAILED"


def test_without_a_mail_server_the_link_is_shown_to_be_copied(cast: Cast):
    made = invited(cast)
    assert made["link"].startswith("http://localhost:8080/ui/invitation/ori_") and "mail" not in made
    assert send(cast.olga.client, "GET", f"invitations/{made['id']}").json()["link"] == made["link"]
    assert Client().get("/api/v1/auths").json()["mailServiceEnabled"] is False


def test_whoever_has_an_account_accepts_as_themselves(cast: Cast):
    make_person(NEW, password=PASSWORD)
    secret = secret_of(invited(cast)["link"])
    assert send(Client(), "GET", f"/api/v1/invitation/{secret}").json()["hasAccount"] is True
    assert send(Client(), "POST", f"/api/v1/invitation/create/{secret}", PERSON).status_code == 409
    assert send(Client(), "POST", f"/api/v1/invitation/accept/{secret}").status_code == 401
    assert send(cast.otto.client, "POST", f"/api/v1/invitation/accept/{secret}").status_code == 403
    nina = signed_in(NEW)
    (mine,) = nina.get("/api/v1/me/invitations").json()
    assert (mine["tenantId"], mine["status"], mine["isExpired"]) == (ACME, "PENDING", False)
    assert send(nina, "POST", f"/api/v1/invitation/accept/{mine['id']}").json() == {"tenantId": ACME}
    assert nina.get("/api/v1/me/invitations").json() == []
    assert [each["id"] for each in nina.get("/api/v1/me").json()["tenants"]] == [ACME]


def test_one_that_is_used_expired_or_revoked_says_which(cast: Cast):
    used = invited(cast)
    secret = secret_of(used["link"])
    assert send(Client(), "POST", f"/api/v1/invitation/create/{secret}", PERSON).status_code == 200
    expired, revoked = invited(cast, "eva@acme.test"), invited(cast, "rhea@acme.test")
    with tenant_scope(ACME):
        Invitation.objects.filter(id=expired["id"]).update(expires_at=now())
    assert send(cast.olga.client, "DELETE", f"invitations/{revoked['id']}").status_code == 204
    assert send(cast.olga.client, "GET", f"invitations/{revoked['id']}").status_code == 404
    for made, code in ((used, "used"), (expired, "expired"), (revoked, "revoked")):
        for method, path in (("GET", ""), ("POST", "create/"), ("POST", "accept/")):
            told = send(Client(), method, f"/api/v1/invitation/{path}{secret_of(made['link'])}", PERSON)
            assert (told.status_code, told.json()["code"]) == (410, f"invitation_{code}"), path
    for status, email in (("ACCEPTED", NEW), ("EXPIRED", "eva@acme.test")):
        found = send(cast.olga.client, "GET", f"invitations/search?filters[status][EQUALS]={status}").json()
        assert [each["email"] for each in found["results"]] == [email]
    assert send(Client(), "GET", "/api/v1/invitation/ori_nothing").status_code == 404


def test_one_that_is_sent_again_has_a_new_link_and_its_whole_time(cast: Cast):
    made = invited(cast)
    with override(sessions={"invitation_lifetime": timedelta(days=30)}):
        again = send(cast.olga.client, "POST", f"invitations/{made['id']}/resend").json()
    assert again["link"] != made["link"] and again["expiredAt"] > made["expiredAt"]
    assert send(Client(), "GET", f"/api/v1/invitation/{secret_of(made['link'])}").status_code == 404
    assert send(Client(), "GET", f"/api/v1/invitation/{secret_of(again['link'])}").status_code == 200


def test_a_member_is_not_invited_and_nobody_twice(cast: Cast):
    assert send(cast.olga.client, "POST", "invitations", {"email": "vera@acme.test"}).status_code == 409
    invited(cast)
    assert send(cast.olga.client, "POST", "invitations", {"email": NEW.upper()}).status_code == 409
    found = send(cast.olga.client, "GET", f"invitations/email/{NEW}").json()
    assert [each["email"] for each in found] == [NEW]


def test_an_invitation_does_not_tell_who_has_an_account(cast: Cast):
    for path in ("invitations", "tenant-access"):
        here = send(cast.olga.client, "POST", path, {"email": f"otto{'' if path[0] == 'i' else '2'}@globex.test"})
        absent = send(cast.olga.client, "POST", path, {"email": f"nobody-{path}@globex.test"})
        assert here.status_code == absent.status_code
    with tenant_scope(ACME):
        assert Invitation.objects.count() == 4


def test_nobody_invites_into_more_than_they_hold(cast: Cast):
    nora = make_person("nora@acme.test", tenants=[ACME])
    with tenant_scope(ACME):
        Role.objects.create(name="inviter", permissions={"INVITATION": ["CREATE", "VIEW"], "FLOW": ["VIEW"]})
        small = Role.objects.create(name="small", permissions={"FLOW": ["VIEW"]}).id
        versions.move_tenant(ACME)
    bind(ACME, nora, "inviter")
    group = send(cast.olga.client, "POST", "groups", {"name": "Strong"}).json()["id"]
    give = {"type": "GROUP", "externalId": group, "roleId": "viewer_acme"}
    assert send(cast.olga.client, "POST", "bindings", give).status_code == 200
    for more in ({"roles": [{"id": "viewer_acme"}]}, {"groups": [group]}, {"superAdmin": True}):
        refused = send(nora.client, "POST", "invitations", {"email": "x@acme.test", **more})
        assert refused.status_code == 403, more
    assert (
        send(nora.client, "POST", "invitations", {"email": "x@acme.test", "roles": [{"id": small}]}).status_code == 201
    )
    strong = invited(cast, roles=[{"id": "viewer_acme"}])
    assert "link" not in send(nora.client, "GET", f"invitations/{strong['id']}").json(), "it could be taken"
    assert send(nora.client, "POST", f"invitations/{strong['id']}/resend").status_code == 403


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"email": "nobody"}, 422),
        ({}, 422),
        ({"email": NEW, "roles": [{"id": "x"}]}, 404),
        ({"email": NEW, "groups": ["x"]}, 404),
        ({"email": NEW, "roles": [{"id": "viewer_acme", "namespaces": ["No Name"]}]}, 422),
    ],
)
def test_a_wrong_invitation_leaves_nothing_behind(cast: Cast, wrong: dict, status: int):
    assert send(cast.olga.client, "POST", "invitations", wrong).status_code == status
    with tenant_scope(ACME):
        assert not Invitation.objects.exists()


def test_a_weak_password_does_not_use_an_invitation_up(cast: Cast):
    secret = secret_of(invited(cast)["link"])
    weak = send(Client(), "POST", f"/api/v1/invitation/create/{secret}", {**PERSON, "password": "weak"})
    assert weak.status_code == 422 and weak.json()["_embedded"]["errors"][0]["path"] == "password"
    assert not User.objects.filter(email=NEW).exists()
    assert send(Client(), "POST", f"/api/v1/invitation/create/{secret}", PERSON).status_code == 200


def test_a_superadmin_lets_somebody_in_without_asking(cast: Cast):
    root = cast.root.client
    direct = {"email": NEW, "createUserIfNotExist": True, "roles": [{"id": "viewer_acme"}]}
    assert send(root, "POST", "invitations", direct).status_code == 204
    assert User.objects.filter(email=NEW).exists()
    assert send(root, "POST", "invitations", {"email": "otto@globex.test"}).status_code == 204
    assert send(cast.otto.client, "GET", "flows/search").status_code == 403


def test_the_secret_of_an_invitation_is_kept_nowhere_in_clear(cast: Cast):
    secret = secret_of(invited(cast)["link"])
    with tenant_scope(ACME):
        kept = json.dumps(list(Invitation.objects.values("digest", "sealed"))) + "".join(
            AuditEntry.objects.values_list("body", flat=True)
        )
    assert NEW in kept and secret not in kept
