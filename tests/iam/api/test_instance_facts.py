"""What clients ask of the instance itself: its licence, its first user, and what somebody who helps must know."""

import pytest
from django.test import Client

from control_plane.kernel.words.clock import now
from iam.models import ExternalIdentity
from tests.cast import ACME, PASSWORD, bind, make_cast, make_person

pytestmark = pytest.mark.django_db
FIRST = {"username": "first@acme.test", "password": PASSWORD, "uid": "x"}


def test_the_licence_never_ends_and_is_refreshed_by_superadmins_alone():
    cast = make_cast()
    told = cast.vera.client.get("/api/v1/license-info").json()
    assert told["expired"] is False and "expiry" not in told
    assert cast.anonymous.get("/api/v1/license-info").status_code == 401
    assert cast.vera.client.get("/api/v1/license/refresh").status_code == 403
    assert cast.root.client.get("/api/v1/license/refresh").status_code == 200


def test_older_clients_make_the_first_user_once():
    client = Client()
    assert client.post("/api/v1/stage/basicAuth", FIRST, content_type="application/json").status_code == 200
    signed_in = client.post("/login", {"username": FIRST["username"], "password": PASSWORD})
    assert signed_in.status_code == 200
    me = client.get("/api/v1/me").json()
    assert me["superAdmin"] is True and [each["id"] for each in me["tenants"]] == ["stage"]
    for tenant in ("stage", "other"):
        again = {**FIRST, "username": "second@acme.test"}
        assert client.post(f"/api/v1/{tenant}/basicAuth", again, content_type="application/json").status_code == 405


@pytest.mark.parametrize(
    ("tenant", "wrong"), [("users", {}), ("stage", {"password": "short"}), ("stage", {"username": "no address"})]
)
def test_a_first_user_who_cannot_be_is_refused(tenant: str, wrong: dict[str, str]):
    told = Client().post(f"/api/v1/{tenant}/basicAuth", {**FIRST, **wrong}, content_type="application/json")
    assert told.status_code == 422
    assert Client().get("/api/v1/setup").json()["done"] is False


def test_support_is_told_what_the_instance_is_made_of_and_takes_no_tickets():
    cast = make_cast()
    told = cast.olga.client.get(f"/api/v1/{ACME}/support/debug-info").json()
    assert told["repositoryType"] == "postgres" and told["queueType"] == "celery"
    assert cast.vera.client.get(f"/api/v1/{ACME}/support/debug-info").status_code == 403
    assert cast.olga.client.post(f"/api/v1/{ACME}/support/forward", {"payload": "{}"}).status_code == 405
    assert cast.olga.client.get("/api/v1/configs").json()["supportEnabled"] is False
    person = make_person("helper@acme.test")
    bind(ACME, person, "Admin")
    assert person.client.get(f"/api/v1/{ACME}/support/debug-info").json() == told


def test_it_is_told_when_people_come_by_a_provider():
    cast = make_cast()
    asked = lambda path: cast.olga.client.get(f"/api/v1/{ACME}/{path}").json()  # noqa: E731
    assert asked("support/debug-info")["authType"] == "BASIC_AUTH"
    for subject in ("1", "2"):
        ExternalIdentity.objects.create(
            provider_id="p", issuer="https://idp.test", subject=subject, user=cast.vera.user, seen_at=now()
        )
    assert asked("support/debug-info")["authType"] == "OIDC_SSO"
    assert asked("usages")["users"]["oidcCount"] == 1
