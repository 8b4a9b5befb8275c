"""Signing in with a name and a password that a directory knows: whose account it is, and what it may do."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.config import override
from control_plane.kernel.scope import instance_scope, tenant_scope
from iam.authentication.attempts import forget_attempts
from iam.models import ExternalIdentity, GroupMember, LoginFailures, Session, User
from iam.record.rights import NewBinding
from iam.services.bindings import create_bindings
from iam.services.groups import create_group
from iam.services.users import update_user
from tests.cast import ACME, GLOBEX, Cast, make_cast, make_person
from tests.iam.sso.ldap.slapd_peer import PASSWORD, Place

pytestmark = pytest.mark.django_db
LOCAL = "Another-horse-2"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def connect(client: Client, where: str, place: Place, **changes: Any) -> dict[str, Any]:
    response = client.post(
        f"/api/v1/{where}/identity-providers", json.dumps(place.wish(**changes)), content_type="application/json"
    )
    assert response.status_code == 200, response.content
    return response.json()


def sign_in(name: str, password: str = PASSWORD, **more: str) -> tuple[int, Client]:
    browser = Client()
    body = json.dumps({"username": name, "password": password, **more})
    return browser.post("/login", body, content_type="application/json").status_code, browser


def groups_of(email: str, tenant: str = ACME) -> set[str]:
    with instance_scope():
        user = User.objects.get(email=email)
    with tenant_scope(tenant):
        return set(GroupMember.objects.filter(user_id=user.id).values_list("group__name", flat=True))


def make_group(name: str, role: str = "Viewer") -> str:
    group = create_group(Context(SYSTEM, ACME), name=name)
    create_bindings(Context(SYSTEM, ACME), wanted=[NewBinding("GROUP", group.id, f"{role.lower()}_{ACME}")])
    return group.id


def test_somebody_signs_in_with_what_the_directory_knows_and_has_their_rights_at_once(cast: Cast, place: Place):
    make_group("Engineers", "Editor")
    ada = place.person("ada")
    place.group("engineering", place.group("platform", ada))
    rules = [{"value": "engineering", "group": "Engineers", "tenant": ACME}]
    connect(cast.root.client, "instance", place, rules=rules)
    status, browser = sign_in("ada")
    assert status == 200
    me = browser.get("/api/v1/me").json()
    assert me["profile"]["email"] == "ada@acme.test" and me["profile"]["lastName"] == "Ant"
    assert browser.get(f"/api/v1/{ACME}/flows/search").status_code == 200
    with instance_scope():
        identity = ExternalIdentity.objects.get(user_id=me["id"])
        assert User.objects.get(id=me["id"]).password == ""
    assert identity.issuer == "ldap:entryuuid" and len(identity.subject) == 36


@pytest.mark.parametrize("name", ["ada", "ADA", "ada@acme.test", " Ada@Acme.test "])
def test_a_person_is_known_by_each_name_that_is_one_to_sign_in_with(cast: Cast, place: Place, name: str):
    place.person("ada")
    connect(cast.root.client, "instance", place)
    assert sign_in(name)[0] == 200


def test_a_wrong_password_is_refused_and_the_same_is_said_of_every_name(cast: Cast, place: Place):
    place.person("ada")
    connect(cast.root.client, "instance", place)
    said = []
    for name in ("ada", "nobody"):
        response = Client().post(
            "/login", json.dumps({"username": name, "password": "Wrong-1"}), content_type="application/json"
        )
        assert response.status_code == 401
        said.append(response.json()["message"])
    assert said[0] == said[1]


def test_a_second_sign_in_after_a_change_of_groups_changes_rights_both_ways(cast: Cast, place: Place):
    ada = place.person("ada")
    group = place.group("platform", ada)
    rules = [{"match": "glob", "value": "*", "group": "{value}", "tenant": ACME}]
    connect(cast.root.client, "instance", place, rules=rules)
    sign_in("ada")
    assert groups_of("ada@acme.test") == {"platform"}
    place.group("data", ada)
    place.delete(group)
    sign_in("ada")
    assert groups_of("ada@acme.test") == {"data"}


def test_rules_see_attributes_by_any_case_of_their_name(cast: Cast, place: Place):
    make_group("Berlin")
    place.person("ada", departmentNumber="42", l="Berlin")
    rules = [{"claim": "L", "value": "Berlin", "group": "Berlin", "tenant": ACME}]
    connect(cast.root.client, "instance", place, rules=rules)
    sign_in("ada")
    assert groups_of("ada@acme.test") == {"Berlin"}


def test_accounts_of_the_instance_are_asked_first(cast: Cast, place: Place):
    own = make_person("ada@acme.test", password=LOCAL)
    place.person("ada")
    connect(cast.root.client, "instance", place)
    status, browser = sign_in("ada@acme.test", LOCAL)
    assert status == 200 and browser.get("/api/v1/me").json()["id"] == own.user.id
    assert sign_in("ada@acme.test", PASSWORD)[0] == 403, "an account of the address is there, and may not be linked"


def test_an_account_that_is_there_is_linked_where_the_setting_allows_it(cast: Cast, place: Place):
    own = make_person("ada@acme.test", password=LOCAL)
    place.person("ada")
    connect(cast.root.client, "instance", place, settings={"linkVerified": True})
    status, browser = sign_in("ada")
    assert status == 200 and browser.get("/api/v1/me").json()["id"] == own.user.id
    assert sign_in("ada@acme.test", LOCAL)[0] == 200, "the way that is left when the directory is down"


def test_somebody_renamed_and_moved_in_the_directory_keeps_the_account(cast: Cast, place: Place):
    ada = place.person("ada")
    connect(cast.root.client, "instance", place)
    _, first = sign_in("ada")
    with place.server.admin() as admin:
        admin.rename_s(ada, "uid=ada.love", place.base)
    place.set(f"uid=ada.love,{place.base}", mail="ada.love@acme.test", sn="Love")
    assert sign_in("ada.love")[0] == 401, "no more where people are"
    with place.server.admin() as admin:
        admin.rename_s(f"uid=ada.love,{place.base}", "uid=ada.love", place.people)
    status, second = sign_in("ada.love")
    assert status == 200
    assert second.get("/api/v1/me").json()["id"] == first.get("/api/v1/me").json()["id"]
    assert second.get("/api/v1/me").json()["profile"]["email"] == "ada.love@acme.test"


def test_an_address_that_was_given_to_somebody_else_does_not_open_the_account(cast: Cast, place: Place):
    ada = place.person("ada")
    connect(cast.root.client, "instance", place, settings={"linkVerified": True})
    assert sign_in("ada")[0] == 200
    place.delete(ada)
    place.person("ada")
    assert sign_in("ada")[0] == 403


def test_two_entries_of_one_name_are_nobody(cast: Cast, place: Place):
    place.person("ada")
    place.person("other", mail="ada")
    connect(cast.root.client, "instance", place)
    assert sign_in("ada")[0] == 401


def test_a_disabled_account_is_not_signed_in(cast: Cast, place: Place):
    place.person("ada")
    connect(cast.root.client, "instance", place)
    _, browser = sign_in("ada")
    update_user(Context(SYSTEM), user_id=browser.get("/api/v1/me").json()["id"], changes={"is_disabled": True})
    assert sign_in("ada")[0] == 403


def test_the_directory_of_a_tenant_is_asked_for_that_tenant_alone(cast: Cast, place: Place):
    place.person("ada")
    made = connect(cast.olga.client, ACME, place)
    assert sign_in("ada")[0] == 401
    assert sign_in("ada", tenant=GLOBEX)[0] == 401
    status, browser = sign_in("ada", tenant=ACME)
    assert status == 200
    me = browser.get("/api/v1/me").json()
    assert [tenant["id"] for tenant in me["tenants"]] == [ACME]
    assert browser.get(f"/api/v1/{GLOBEX}/flows/search").status_code == 404
    with instance_scope():
        assert User.objects.get(id=me["id"]).home == ACME
        assert Session.objects.get(user_id=me["id"]).provider_id == made["id"]


def test_the_domain_of_an_address_leads_to_the_directory_of_a_tenant(cast: Cast, place: Place):
    place.person("ada")
    made = connect(cast.olga.client, ACME, place)
    body = {**made, "domains": ["acme.test"]}
    with tenant_scope(ACME):
        from iam.models import IdentityProvider

        IdentityProvider.objects.filter(id=made["id"]).update(domains=body["domains"])
    assert sign_in("ada@acme.test")[0] == 200
    led = Client().post("/api/v1/auths/lookup", json.dumps({"email": "ada@acme.test"}), content_type="application/json")
    assert led.json()["loginUri"] == "", "it is asked on our own page"


def test_the_page_of_sign_in_keeps_its_form_where_only_directories_are_left(cast: Cast, place: Place):
    place.person("ada")
    make_person("eva@acme.test", password=LOCAL)
    connect(cast.root.client, "instance", place)
    with override(sign_in={"passwords": "superadmins"}):
        shown = Client().get("/api/v1/auths").json()
        assert shown["loginPassword"] is True and shown["oauths"] == []
        assert sign_in("eva@acme.test", LOCAL)[0] == 401
        assert sign_in("ada")[0] == 200


def test_wrong_passwords_close_a_name_and_then_the_directory_is_not_asked(cast: Cast, place: Place):
    ada = place.person("ada")
    connect(cast.root.client, "instance", place)
    with override(lockout={"failures": 3}):
        for _ in range(3):
            assert sign_in("ada", "Wrong-1")[0] == 401
            forget_attempts()
        assert sign_in("ada")[0] == 401
    with instance_scope():
        assert LoginFailures.objects.get(email="ada").count == 4
        LoginFailures.objects.all().delete()
    assert sign_in("ada")[0] == 200
    place.set(ada, userPassword="changed")
    assert sign_in("ada")[0] == 401
    place.set(ada, userPassword=PASSWORD)
    assert sign_in("ada")[0] == 200
    with instance_scope():
        assert not LoginFailures.objects.filter(email="ada").exists(), "a success forgets what was counted"


def test_an_address_that_guesses_too_often_is_refused_before_the_directory_is_asked(cast: Cast, place: Place):
    connect(cast.root.client, "instance", place)
    with override(admission={"wrong_sign_ins": 2, "wrong_sign_ins_per_minute": 0.001}):
        answers = [sign_in(f"guess{number}", "Wrong-1")[0] for number in range(4)]
    assert answers == [401, 401, 429, 429]


def test_a_directory_that_is_down_lets_nobody_in_and_keeps_nobody_else_out(cast: Cast, place: Place):
    eva = make_person("eva@acme.test", password=LOCAL)
    made = connect(cast.root.client, "instance", place)
    with instance_scope():
        from iam.models import IdentityProvider

        settings = {**made["settings"], "url": "ldap://localhost:9"}
        IdentityProvider.objects.filter(id=made["id"]).update(settings=settings)
    assert sign_in("ada")[0] == 503
    status, browser = sign_in("eva@acme.test", LOCAL)
    assert status == 200 and browser.get("/api/v1/me").json()["id"] == eva.user.id


def test_sessions_end_where_the_directory_is_turned_off(cast: Cast, place: Place):
    place.person("ada")
    made = connect(cast.root.client, "instance", place)
    _, browser = sign_in("ada")
    cast.root.client.post(f"/api/v1/instance/identity-providers/{made['id']}/disable")
    assert browser.get("/api/v1/me").status_code == 401
    assert sign_in("ada")[0] == 401


def test_what_a_sign_in_changed_is_told_with_the_directory_as_its_actor(cast: Cast, place: Place):
    place.group("eng", place.person("ada"))
    made = connect(cast.olga.client, ACME, place, rules=[{"value": "eng", "group": "Engineers"}])
    sign_in("ada", tenant=ACME)
    entries = cast.olga.client.get(f"/api/v1/{ACME}/auditlogs/search?size=100").json()["results"]
    own = [entry["auditLog"] for entry in entries if entry["auditLog"]["userId"] == made["id"]]
    assert {entry["detail"]["resource"] for entry in own} == {"GROUP", "TENANT_ACCESS"}
    assert PASSWORD not in json.dumps(entries)


def test_why_somebody_was_refused_is_in_the_trail_and_not_on_the_page(cast: Cast, place: Place):
    place.person("ada")
    connect(cast.olga.client, ACME, place)
    assert sign_in("ada", "Wrong-1", tenant=ACME)[0] == 401
    entries = cast.olga.client.get(f"/api/v1/{ACME}/auditlogs/search?size=100").json()["results"]
    assert any("refuses the password" in json.dumps(entry) for entry in entries)


def test_nobody_gives_themselves_a_password_that_would_outlast_the_directory(cast: Cast, place: Place):
    place.person("ada")
    connect(cast.root.client, "instance", place)
    _, browser = sign_in("ada")
    headers = {"X-CSRF-TOKEN": browser.cookies["csrfToken"].value}
    change = json.dumps({"oldPassword": "", "newPassword": LOCAL})
    for method, path, body in (
        ("PUT", "me/password", change),
        ("PATCH", "me", json.dumps({"email": "else@acme.test"})),
        ("PATCH", "me", json.dumps({"firstName": "Else"})),
    ):
        refused = browser.generic(method, f"/api/v1/{path}", body, "application/json", headers=headers)
        assert refused.status_code == 403, (path, refused.content)
    with instance_scope():
        assert User.objects.get(email="ada@acme.test").password == ""
    assert sign_in("ada@acme.test", LOCAL)[0] == 401
