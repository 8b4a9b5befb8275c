"""Comparing everybody with a directory: what it shows, what it does, and that it does nothing twice."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from control_plane.cli import auth
from control_plane.cli.main import main
from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import now
from iam.authentication.cache import actor_of
from iam.authorization import versions
from iam.background.directory_syncs import sync_directories
from iam.models import Binding, DirectorySync, Group, GroupMember, IdentityProvider, Session, TenantAccess, User
from iam.record.tokens import NewToken
from iam.services.tokens import create_my_token
from iam.services.users import update_user
from tests.cast import ACME, GLOBEX, Cast, make_cast, make_person
from tests.iam.sso.ldap.slapd_peer import Place
from tests.iam.sso.ldap.test_sign_in import connect, groups_of, make_group, sign_in

pytestmark = pytest.mark.django_db
TEMPLATE = [{"match": "any", "group": "{value}", "tenant": ACME}]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def sync(client: Client, made: dict[str, Any], where: str = "instance", **body: Any) -> dict[str, Any]:
    """Ask for a run, let the scheduler do it, and read how it ended."""
    path = f"/api/v1/{where}/identity-providers/{made['id']}/syncs"
    asked = client.post(path, json.dumps(body), content_type="application/json")
    assert asked.status_code == 200 and asked.json()["state"] == "QUEUED", asked.content
    assert sync_directories() is True
    ended = client.get(f"{path}/{asked.json()['id']}").json()
    assert client.get(path).json()["results"][0]["id"] == ended["id"]
    return ended


def counted(run: dict[str, Any]) -> dict[str, int]:
    assert run["state"] == "DONE", run
    return {kind: count for kind, count in run["counts"].items() if count}


def test_a_dry_run_shows_who_would_join_and_changes_nothing(cast: Cast, place: Place):
    place.group("eng", place.person("ada"), place.person("bob"))
    place.group("empty")
    made = connect(cast.root.client, "instance", place, rules=TEMPLATE)
    shown = sync(cast.root.client, made, dryRun=True)
    assert counted(shown) == {"joined": 2, "groups": 2}
    assert shown["diff"]["groups"] == {ACME: ["empty", "eng"]}
    ada = next(each for each in shown["diff"]["joined"] if each["email"] == "ada@acme.test")
    assert ada["outcome"] == "create" and ada["gained"] == {ACME: ["eng"]}
    with instance_scope():
        assert not User.objects.filter(email="ada@acme.test").exists()
    with tenant_scope(ACME):
        assert not Group.objects.exists()


def test_groups_and_people_are_there_before_anybody_has_signed_in(cast: Cast, place: Place):
    place.group("eng", place.person("ada"))
    place.group("empty")
    made = connect(cast.root.client, "instance", place, rules=TEMPLATE)
    assert counted(sync(cast.root.client, made)) == {"joined": 1, "groups": 2}
    with tenant_scope(ACME):
        assert set(Group.objects.values_list("name", flat=True)) == {"eng", "empty"}
    assert groups_of("ada@acme.test") == {"eng"}
    assert sign_in("ada")[0] == 200


def test_a_second_run_finds_nothing_and_writes_nothing_but_that_it_was(cast: Cast, place: Place):
    place.group("eng", place.person("ada"), place.person("bob"))
    made = connect(cast.olga.client, ACME, place, rules=[{"match": "any", "group": "{value}"}])
    assert counted(sync(cast.olga.client, made, ACME)) == {"joined": 2, "groups": 1}
    with tenant_scope(ACME):
        before = AuditEntry.objects.exclude(resource="SECURITY_INTEGRATION").count()
        rows = set(GroupMember.objects.values_list("id", flat=True))
    assert counted(sync(cast.olga.client, made, ACME)) == {"unchanged": 2}
    assert counted(sync(cast.olga.client, made, ACME, dryRun=True)) == {"unchanged": 2}
    with tenant_scope(ACME):
        assert AuditEntry.objects.exclude(resource="SECURITY_INTEGRATION").count() == before
        assert set(GroupMember.objects.values_list("id", flat=True)) == rows


def test_who_moves_and_is_renamed_is_followed(cast: Cast, place: Place):
    ada, bob = place.person("ada"), place.person("bob")
    place.group("eng", ada)
    made = connect(cast.root.client, "instance", place, rules=TEMPLATE, settings={"tenants": [ACME]})
    sync(cast.root.client, made)
    place.set(f"cn=eng,{place.groups}", member=bob)
    place.set(ada, sn="Love", mail="ada.love@acme.test")
    ended = sync(cast.root.client, made)
    assert counted(ended) == {"changed": 2}
    changed = {each["name"]: each for each in ended["diff"]["changed"]}
    assert changed["Ada Love"]["lost"] == {ACME: ["eng"]} and "gained" not in changed["Ada Love"]
    assert changed["Ada Love"]["after"] == {"last_name": "Love", "email": "ada.love@acme.test"}
    assert changed["Bob Ant"]["gained"] == {ACME: ["eng"]}
    assert groups_of("ada.love@acme.test") == set() and groups_of("bob@acme.test") == {"eng"}


def test_who_is_gone_is_out_at_once_and_comes_back_with_the_same_account(cast: Cast, place: Place):
    make_group("Engineers")
    ada, bob = place.person("ada"), place.person("bob")
    place.group("eng", ada, bob)
    rules = [{"value": "eng", "group": "Engineers", "tenant": ACME}]
    made = connect(cast.root.client, "instance", place, rules=rules)
    sync(cast.root.client, made)
    _, browser = sign_in("ada")
    me = browser.get("/api/v1/me").json()
    with instance_scope():
        user = User.objects.get(id=me["id"])
    _, token = create_my_token(Context(actor_of(user)), wanted=NewToken("mine"))
    by_token = Client(headers={"authorization": f"Bearer {token}"})
    assert by_token.get(f"/api/v1/{ACME}/flows/search").status_code == 200
    place.delete(ada)
    assert counted(sync(cast.root.client, made, dryRun=True))["left"] == 1
    assert browser.get("/api/v1/me").status_code == 200, "a dry run ends nothing"
    ended = sync(cast.root.client, made)
    assert counted(ended) == {"left": 1, "unchanged": 1} and ended["diff"]["left"][0]["email"] == "ada@acme.test"
    assert browser.get("/api/v1/me").status_code == 401
    assert by_token.get(f"/api/v1/{ACME}/flows/search").status_code == 401
    with instance_scope():
        assert User.objects.get(id=me["id"]).is_disabled and not Session.objects.filter(user_id=me["id"]).exists()
    with tenant_scope(ACME):
        assert not GroupMember.objects.filter(user_id=me["id"]).exists()
        assert not TenantAccess.objects.filter(user_id=me["id"]).exists()
    assert counted(sync(cast.root.client, made)) == {"unchanged": 1}


def test_somebody_hidden_from_us_for_a_while_returns_to_the_same_account(cast: Cast, place: Place):
    ada, _ = place.person("ada"), place.person("bob")
    settings = {"userFilter": "(&(objectClass=inetOrgPerson)(!(employeeType=left)))", "tenants": [ACME]}
    made = connect(cast.root.client, "instance", place, settings=settings)
    sync(cast.root.client, made)
    _, browser = sign_in("ada")
    identity = browser.get("/api/v1/me").json()["id"]
    place.set(ada, employeeType="left")
    assert counted(sync(cast.root.client, made)) == {"left": 1, "unchanged": 1}
    assert sign_in("ada")[0] == 401
    place.set(ada, employeeType="staff")
    ended = sync(cast.root.client, made)
    assert counted(ended) == {"joined": 1, "unchanged": 1} and ended["diff"]["joined"][0]["outcome"] == "return"
    status, back = sign_in("ada")
    assert status == 200 and back.get("/api/v1/me").json()["id"] == identity


def test_whom_an_admin_has_disabled_no_sync_opens(cast: Cast, place: Place):
    place.person("ada")
    made = connect(cast.root.client, "instance", place, settings={"tenants": [ACME]})
    sync(cast.root.client, made)
    with instance_scope():
        user = User.objects.get(email="ada@acme.test")
    update_user(Context(SYSTEM), user_id=user.id, changes={"is_disabled": True})
    ended = sync(cast.root.client, made)
    assert counted(ended) == {"refused": 1} and ended["diff"]["refused"][0]["reason"] == "the account is disabled"
    with instance_scope():
        assert User.objects.get(id=user.id).is_disabled


def test_an_account_that_was_linked_is_not_closed_but_loses_what_the_directory_gave(cast: Cast, place: Place):
    make_group("Engineers")
    own = make_person("ada@acme.test", password="Another-horse-2")
    ada, _ = place.person("ada"), place.person("bob")
    place.group("eng", ada)
    rules = [{"value": "eng", "group": "Engineers", "tenant": ACME}]
    made = connect(cast.root.client, "instance", place, rules=rules, settings={"linkVerified": True})
    assert sync(cast.root.client, made)["diff"]["joined"][0]["outcome"] in ("link", "create")
    _, by_directory = sign_in("ada")
    _, by_password = sign_in("ada@acme.test", "Another-horse-2")
    place.delete(ada)
    assert counted(sync(cast.root.client, made)) == {"left": 1, "unchanged": 1}
    assert by_directory.get("/api/v1/me").status_code == 401
    assert by_password.get("/api/v1/me").json()["id"] == own.user.id
    assert groups_of("ada@acme.test") == set()


def test_too_many_at_once_are_held_back_until_somebody_has_looked(cast: Cast, place: Place):
    people = [place.person(f"p{number:02}") for number in range(14)]
    made = connect(cast.root.client, "instance", place, settings={"tenants": [ACME]})
    assert counted(sync(cast.root.client, made)) == {"joined": 14}
    for dn in people[:12]:
        place.delete(dn)
    held = sync(cast.root.client, made)
    assert held["state"] == "HELD" and "12 of 14 people would leave" in held["problem"]
    assert held["counts"]["left"] == 12 and len(held["diff"]["left"]) == 12
    with instance_scope():
        assert not User.objects.filter(is_disabled=True).exists()
    assert counted(sync(cast.root.client, made, force=True)) == {"left": 12, "unchanged": 2}


def test_a_directory_that_suddenly_knows_nobody_changes_nothing(cast: Cast, place: Place):
    people = [place.person("ada"), place.person("bob")]
    made = connect(cast.root.client, "instance", place, settings={"tenants": [ACME]})
    sync(cast.root.client, made)
    for dn in people:
        place.delete(dn)
    assert sync(cast.root.client, made)["state"] == "HELD"


def test_a_run_that_cannot_read_all_changes_nothing_and_says_why(cast: Cast, place: Place):
    place.person("ada")
    made = connect(cast.root.client, "instance", place, settings={"tenants": [ACME]})
    sync(cast.root.client, made)
    with instance_scope():
        settings = {**made["settings"], "groupBase": "ou=nowhere,dc=acme,dc=test"}
        IdentityProvider.objects.filter(id=made["id"]).update(settings=settings)
    ended = sync(cast.root.client, made)
    assert ended["state"] == "FAILED" and "No such object" in ended["problem"]
    shown = cast.root.client.get(f"/api/v1/instance/identity-providers/{made['id']}").json()
    assert shown["lastSync"]["state"] == "FAILED"


def test_one_who_cannot_be_let_in_stops_no_other(cast: Cast, place: Place):
    place.person("ada")
    place.person("bob", mail=None)
    place.person("cid", mail="olga@acme.test")
    place.person("dan", mail="ada@acme.test")
    made = connect(cast.root.client, "instance", place, settings={"tenants": [ACME]})
    ended = sync(cast.root.client, made)
    assert counted(ended) == {"joined": 1, "refused": 3}
    reasons = {each["entry"].partition(",")[0]: each["reason"] for each in ended["diff"]["refused"]}
    assert "tells no e-mail address" in reasons["uid=bob"] and "may not be linked" in reasons["uid=cid"]


def test_the_last_admin_of_a_tenant_is_not_closed_by_an_absence(cast: Cast, place: Place):
    boss, _ = place.person("boss"), place.person("bob")
    place.group("bosses", boss)
    make_group("Bosses", "Admin")
    rules = [{"value": "bosses", "group": "Bosses"}]
    made = connect(cast.olga.client, ACME, place, rules=rules)
    sync(cast.olga.client, made, ACME)
    with tenant_scope(ACME):
        Binding.objects.filter(user_id=cast.olga.user.id).delete()
        versions.move_tenant(ACME)
    place.delete(boss)
    with tenant_scope(ACME):
        IdentityProvider.objects.update(settings={**made["settings"], "syncMinutes": 5}, synced_at=None)
    assert sync_directories() is True
    with tenant_scope(ACME):
        run = DirectorySync.objects.order_by("-asked_at").first()
    assert run is not None and run.counts["left"] == 0 and "last admin" in run.diff["refused"][0]["reason"]


def test_what_a_run_changes_is_told_with_the_directory_as_its_actor(cast: Cast, place: Place):
    place.group("eng", place.person("ada"))
    made = connect(cast.olga.client, ACME, place, rules=[{"match": "any", "group": "{value}"}])
    ended = sync(cast.olga.client, made, ACME)
    with tenant_scope(ACME):
        told = list(AuditEntry.objects.filter(actor_id=made["id"]))
    assert {entry.resource for entry in told} == {"GROUP", "TENANT_ACCESS", "SECURITY_INTEGRATION"}
    assert {entry.actor_kind for entry in told} == {"IDENTITY_PROVIDER"}
    assert {entry.request_id for entry in told} == {f"sync-{ended['id']}"}


def test_a_directory_of_a_tenant_touches_that_tenant_alone(cast: Cast, place: Place):
    place.group("eng", place.person("ada"))
    made = connect(cast.olga.client, ACME, place, rules=[{"match": "any", "group": "{value}"}])
    sync(cast.olga.client, made, ACME)
    with tenant_scope(GLOBEX):
        assert not Group.objects.exists()
    path = f"/api/v1/{GLOBEX}/identity-providers/{made['id']}/syncs"
    assert cast.otto.client.get(path).status_code == 404
    assert cast.otto.client.post(path, "{}", content_type="application/json").status_code == 404
    with instance_scope():
        assert User.objects.get(email="ada@acme.test").home == ACME


def test_it_is_done_in_its_turn_and_never_twice_at_once(cast: Cast, place: Place):
    place.person("ada")
    made = connect(cast.root.client, "instance", place, settings={"syncMinutes": 60})
    assert sync_directories() is True
    assert sync_directories() is False, "it is not due again"
    with instance_scope():
        IdentityProvider.objects.update(synced_at=now().replace(year=2020))
    path = f"/api/v1/instance/identity-providers/{made['id']}/syncs"
    assert cast.root.client.post(path, "{}", content_type="application/json").status_code == 200
    assert cast.root.client.post(path, "{}", content_type="application/json").status_code == 409
    assert sync_directories() is True
    assert sync_directories() is False
    runs = cast.root.client.get(path).json()["results"]
    assert [run.get("askedBy") for run in runs] == ["root@orrery.test", None]


def test_a_run_whose_process_has_gone_is_ended_and_another_can_be_asked_for(cast: Cast, place: Place):
    made = connect(cast.root.client, "instance", place)
    with instance_scope():
        DirectorySync.objects.create(
            provider_id=made["id"],
            state="RUNNING",
            asked_at=now().replace(year=2020),
            started_at=now().replace(year=2020),
        )
    assert sync_directories() is False
    path = f"/api/v1/instance/identity-providers/{made['id']}/syncs"
    (lost,) = cast.root.client.get(path).json()["results"]
    assert lost["state"] == "FAILED" and "has gone" in lost["problem"]
    assert cast.root.client.post(path, "{}", content_type="application/json").status_code == 200


def test_only_the_last_runs_are_kept(cast: Cast, place: Place):
    made = connect(cast.root.client, "instance", place)
    with instance_scope():
        for number in range(25):
            DirectorySync.objects.create(
                provider_id=made["id"], state="DONE", asked_at=now().replace(year=2000 + number)
            )
    path = f"/api/v1/instance/identity-providers/{made['id']}/syncs"
    cast.root.client.post(path, "{}", content_type="application/json")
    assert cast.root.client.get(path).json()["total"] == 20


def test_a_provider_that_is_taken_away_leaves_no_run(cast: Cast, place: Place):
    place.person("ada")
    made = connect(cast.root.client, "instance", place)
    sync(cast.root.client, made)
    assert cast.root.client.delete(f"/api/v1/instance/identity-providers/{made['id']}").status_code == 204
    with instance_scope():
        assert not DirectorySync.objects.exists()


def test_the_command_line_shows_the_same(
    cast: Cast, place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(auth, "as_server", nullcontext)
    place.group("eng", place.person("ada"))
    connect(cast.root.client, "instance", place, rules=TEMPLATE)
    assert main(["auth", "ldap-sync", "directory", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "+ group eng in acme" in shown and "+ ada@acme.test  +eng in acme" in shown and "1 joined" in shown
    assert main(["auth", "ldap-sync", "directory"]) == 0
    assert groups_of("ada@acme.test") == {"eng"}
    assert main(["auth", "ldap-sync", "nobody"]) != 0
