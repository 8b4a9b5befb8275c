"""Signing in by Active Directory, and comparing everybody with it, as it comes out of its box."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from control_plane.kernel.scope import instance_scope
from iam.background.directory_syncs import sync_directories
from iam.models import DirectorySync, ExternalIdentity, User
from tests.cast import ACME, Cast, make_cast
from tests.iam.sso.ldap.samba_peer import ADMIN, ADMIN_PASSWORD, PASSWORD, SUFFIX, Samba, running_samba
from tests.iam.sso.ldap.test_sign_in import groups_of, make_group, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.nightly]
PEOPLE = "(&(objectCategory=person)(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"


@pytest.fixture(scope="module")
def samba() -> Iterator[Samba]:
    """With Ada in platform, which is in engineering; Bob, who is disabled; Eve; and one with a password to change."""
    with running_samba() as server:
        for name in ("ada", "bob", "eve"):
            told = (f"--given-name={name.title()}", "--surname=Ant", f"--mail-address={name}@acme.test")
            server.tool("user", "create", name, PASSWORD, *told)
        for group, member in (("platform", "ada"), ("engineering", "platform")):
            server.tool("group", "add", group)
            server.tool("group", "addmembers", group, member)
        server.tool("user", "disable", "bob")
        server.tool("user", "create", "new", PASSWORD, "--must-change-at-next-login")
        yield server


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def connect(cast: Cast, **changes: Any) -> dict[str, Any]:
    rules = changes.pop("rules", [{"value": "engineering", "group": "Engineers", "tenant": ACME}])
    settings = {
        "url": "ldap://127.0.0.1",
        "startTls": False,
        "bindDn": ADMIN,
        "userBase": SUFFIX,
        "userFilter": PEOPLE,
        "loginAttributes": ["sAMAccountName", "userPrincipalName", "mail"],
        "idAttribute": "objectGUID",
        "groupBase": SUFFIX,
        "groupFilter": "(objectClass=group)",
        "nesting": "CHAIN",
        **changes,
    }
    body = {"name": "ad", "kind": "LDAP", "preset": "active-directory", "settings": settings, "rules": rules}
    sent = json.dumps({**body, "secret": ADMIN_PASSWORD})
    made = cast.root.client.post("/api/v1/instance/identity-providers", sent, content_type="application/json")
    assert made.status_code == 200, made.content
    return made.json()


@pytest.mark.parametrize("name", ["ada", "ADA@orrery.test", "ada@acme.test"])
@pytest.mark.parametrize("nesting", ["CHAIN", "WALK"])
def test_a_person_signs_in_by_each_name_with_the_groups_that_their_groups_are_in(
    cast: Cast, samba: Samba, name: str, nesting: str
):
    make_group("Engineers")
    connect(cast, nesting=nesting)
    assert sign_in(name)[0] == 200
    assert groups_of("ada@acme.test") == {"Engineers"}
    with instance_scope():
        subject = ExternalIdentity.objects.get().subject
    assert str(uuid.UUID(subject)) == subject


@pytest.mark.parametrize("nesting", ["CHAIN", "WALK", "NONE"])
def test_the_primary_group_counts_at_a_sign_in_and_in_a_comparison_alike(cast: Cast, samba: Samba, nesting: str):
    make_group("Everybody")
    rules = [{"value": "Domain Users", "group": "Everybody", "tenant": ACME}]
    made = connect(cast, nesting=nesting, rules=rules)
    assert sign_in("ada")[0] == 200
    assert groups_of("ada@acme.test") == {"Everybody"}
    path = f"/api/v1/instance/identity-providers/{made['id']}/syncs"
    assert cast.root.client.post(path, "{}", content_type="application/json").status_code == 200
    assert sync_directories()
    with instance_scope():
        diff = DirectorySync.objects.get().diff
    assert diff["changed"] == [] and [each["gained"] for each in diff["joined"]] == [{ACME: ["Everybody"]}]


def test_who_is_disabled_over_there_or_has_another_password_is_not(cast: Cast, samba: Samba):
    connect(cast)
    assert sign_in("bob")[0] == 401
    assert sign_in("ada", "Wrong-1")[0] == 401
    assert sign_in("ada", "")[0] == 401
    assert sign_in("administrator", "")[0] == 401


@pytest.mark.parametrize(
    ("person", "password", "reason"),
    [
        ("ada", "Wrong-1", "the password is wrong"),
        ("bob", PASSWORD, "the account is disabled"),
        ("new", PASSWORD, "the password must be changed"),
    ],
)
def test_why_it_lets_somebody_not_in_is_in_the_trail(cast: Cast, samba: Samba, person: str, password: str, reason: str):
    """It answers all of them with one code, and says more in a text."""
    connect(cast, userFilter="(objectClass=user)")
    assert sign_in(person, password)[0] == 401
    assert reason in cast.root.client.get("/api/v1/auditlogs/search?size=50").content.decode()


def test_a_try_names_its_people_and_follows_none_of_the_references(cast: Cast, samba: Samba):
    made = connect(cast)
    path = f"/api/v1/instance/identity-providers/{made['id']}/check"
    sent = json.dumps({"username": "ada", "password": PASSWORD})
    shown = cast.root.client.post(path, sent, content_type="application/json").json()
    groups = ["Domain Users", "Users", "engineering", "platform"]
    assert shown["outcome"] == "create" and shown["claims"]["groups"] == groups
    anonymous = connect_anonymously(cast)
    path = f"/api/v1/instance/identity-providers/{anonymous['id']}/check"
    refused = cast.root.client.post(path, "{}", content_type="application/json").json()
    assert refused["steps"][-1]["name"] == "People" and "may not" in refused["reason"]


def connect_anonymously(cast: Cast) -> dict[str, Any]:
    settings = {"url": "ldap://127.0.0.1", "startTls": False, "userBase": SUFFIX, "idAttribute": "objectGUID"}
    body = json.dumps({"name": "nobody", "kind": "LDAP", "settings": settings})
    made = cast.root.client.post("/api/v1/instance/identity-providers", body, content_type="application/json")
    return made.json()


def test_everybody_is_compared_and_who_is_disabled_over_there_leaves(cast: Cast, samba: Samba):
    made = connect(cast, tenants=[ACME], mostLeaving=100)
    path = f"/api/v1/instance/identity-providers/{made['id']}/syncs"

    def compared() -> DirectorySync:
        assert cast.root.client.post(path, "{}", content_type="application/json").status_code == 200
        assert sync_directories()
        with instance_scope():
            run = DirectorySync.objects.order_by("-asked_at").first()
        assert run is not None and run.state == "DONE", run
        return run

    first = compared()
    assert {each["email"] for each in first.diff["joined"]} == {"ada@acme.test", "eve@acme.test"}
    assert groups_of("ada@acme.test") == {"Engineers"}
    assert compared().counts["unchanged"] == 2
    samba.tool("user", "disable", "eve")
    try:
        assert compared().counts["left"] == 1
        with instance_scope():
            assert User.objects.get(email="eve@acme.test").is_disabled
    finally:
        samba.tool("user", "enable", "eve")
    assert compared().counts["joined"] == 1
    assert sign_in("eve")[0] == 200
