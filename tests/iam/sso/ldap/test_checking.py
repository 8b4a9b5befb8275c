"""Trying a directory: each step in words, and nobody affected."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from control_plane.kernel.scope import instance_scope
from iam.models import ExternalIdentity
from iam.sso.doctor import findings
from tests.cast import ACME, Cast, make_cast
from tests.iam.sso.ldap.slapd_peer import PASSWORD, Place
from tests.iam.sso.ldap.test_sign_in import connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def check(client: Client, made: dict[str, Any], where: str = "instance", **body: str) -> dict[str, Any]:
    path = f"/api/v1/{where}/identity-providers/{made['id']}/check"
    response = client.post(path, json.dumps(body), content_type="application/json")
    assert response.status_code == 200, response.content
    return response.json()


def test_each_step_of_a_try_is_said_in_words(cast: Cast, place: Place):
    place.group("eng", place.person("ada"), place.person("bob", mail=None))
    made = connect(cast.root.client, "instance", place)
    shown = check(cast.root.client, made)
    assert shown["outcome"] == "connected"
    assert [(step["name"], step["ok"]) for step in shown["steps"]] == [
        ("Connection", True),
        ("Bind", True),
        ("People", True),
        ("Groups", True),
    ]
    assert "2 found below" in shown["steps"][2]["text"] and "1 of them without mail" in shown["steps"][2]["text"]
    path = f"/api/v1/instance/identity-providers/{made['id']}/test"
    assert cast.root.client.get(path).json()["steps"] == shown["steps"]


def test_a_person_is_tried_without_an_account_being_made(cast: Cast, place: Place):
    place.group("eng", place.person("ada"))
    rules = [{"value": "eng", "group": "Engineers", "tenant": ACME}]
    made = connect(cast.root.client, "instance", place, rules=rules)
    shown = check(cast.root.client, made, username="ada", password=PASSWORD)
    assert shown["outcome"] == "create" and shown["groups"] == {ACME: ["Engineers"]}
    assert shown["claims"]["groups"] == ["eng"] and shown["claims"]["dn"].startswith("uid=ada,")
    wrong = check(cast.root.client, made, username="ada", password="Wrong-1")
    assert wrong["outcome"] == "refused" and wrong["steps"][-1]["name"] == "Password"
    assert check(cast.root.client, made, username="nobody")["steps"][-1]["text"] == "nobody is called nobody"
    with instance_scope():
        assert not ExternalIdentity.objects.exists()


@pytest.mark.parametrize(
    ("change", "step", "said"),
    [
        ({"url": "ldap://localhost:9"}, "Connection", "refused"),
        ({"authorities": ""}, "Connection", "certificate"),
        ({"bindDn": "cn=nobody,dc=acme,dc=test"}, "Connection", "does not let"),
        ({"userBase": "ou=nowhere,dc=acme,dc=test"}, "People", "No such object"),
        ({"userFilter": "(objectClass=device)"}, "People", "nobody is found"),
        ({"userFilter": "(&(uid=*)x)"}, "People", "filter"),
        ({"idAttribute": "objectGUID"}, "People", "has no objectGUID"),
        ({"groupFilter": "(objectClass=device)"}, "Groups", "no group is found"),
    ],
)
def test_the_step_that_fails_says_what_to_look_at(
    cast: Cast, place: Place, change: dict[str, Any], step: str, said: str
):
    place.group("eng", place.person("ada"))
    made = connect(cast.root.client, "instance", place, settings=change)
    shown = check(cast.root.client, made)
    assert shown["outcome"] == "refused"
    assert shown["steps"][-1]["name"] == step and said in shown["steps"][-1]["text"], shown["steps"]


def test_only_who_may_change_a_provider_tries_it(cast: Cast, place: Place):
    made = connect(cast.olga.client, ACME, place)
    path = f"/api/v1/{ACME}/identity-providers/{made['id']}"
    for client in (cast.vera.client, cast.eddie.client, cast.otto.client, Client()):
        assert client.post(f"{path}/check", "{}", content_type="application/json").status_code in (401, 403, 404)
        assert client.post(f"{path}/syncs", "{}", content_type="application/json").status_code in (401, 403, 404)
        assert client.get(f"{path}/syncs").status_code in (401, 403, 404)


def test_the_doctor_asks_directories_too(cast: Cast, place: Place):
    place.group("eng", place.person("ada"))
    connect(cast.root.client, "instance", place)
    connect(cast.root.client, "instance", place, name="gone", settings={"url": "ldap://localhost:9"})
    found = {name: (good, text) for name, good, text in findings()}
    assert found["instance/directory"][0] is True and "1 found below" in found["instance/directory"][1]
    assert found["instance/gone"][0] is False
