"""What must never open anything, nor break anything: names, passwords and settings that mean something to a directory."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from control_plane.kernel.api.public import SignInAddresses
from control_plane.kernel.config import override
from control_plane.kernel.scope import instance_scope
from iam.models import IdentityProvider
from iam.sso.ldap import sign_in as sign_in_module
from iam.sso.ldap.sign_in import vouch, waiting_at_the_page
from tests.cast import ACME, Cast, make_cast
from tests.iam.sso.ldap.slapd_peer import ADMIN, ADMIN_PASSWORD, PASSWORD, READER, READER_PASSWORD, Place
from tests.iam.sso.ldap.test_sign_in import connect, sign_in

pytestmark = pytest.mark.django_db

NAMES = [
    "*",
    "ad*",
    "*)(uid=*",
    "*)(uid=*))(|(uid=*",
    "ada)(objectClass=*",
    "ada)(|(objectClass=*)",
    "ada))(|(uid=*",
    "ada*",
    "(|(uid=ada)(uid=bob))",
    "ada)(userPassword=*",
    "*)(userPassword=C*",
    "ada\\2a",
    "\\2a",
    "\\",
    "\\28",
    "ada\\",
    "ada\x00",
    "\x00",
    "ada\x00)(uid=*",
    "ada\x01",
    "ada\n",
    "ada,ou=people",
    "uid=ada",
    f"uid=ada,{'ou=people,' * 3}dc=acme,dc=test",
    "ada+sn=Ant",
    "ada;x",
    'ada"',
    "#ada",
    "ａｄａ",
    "a\u200bda",
    "ad\u0430",
    "á\u0301da",
    "&",
    "|",
    "!",
    "!(uid=x)",
    ")",
    "(",
    "()",
    "ada=",
    "=ada",
    "~=ada",
    ">=a",
    ":dn:=ada",
    "ada:caseExactMatch:=ada",
    "1.2.840.113556.1.4.803:=2",
    "{0}",
    "%s",
    "${jndi:ldap://x}",
    "' OR 1=1 --",
    "../ada",
    "ada  ada",
    "",
    " ",
    "a" * 255,
    ADMIN,
    READER,
]
PASSWORDS = [
    "",
    " ",
    "\x00",
    PASSWORD + "\x00",
    "\x00" + PASSWORD,
    PASSWORD + " ",
    PASSWORD.lower(),
    "*",
    PASSWORD[:-1],
]


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def many_tries() -> Any:
    with override(admission={"wrong_sign_ins": 1000}, lockout={"failures": 1000}):
        yield


def test_no_name_is_more_than_a_name(cast: Cast, place: Place):
    place.person("ada")
    place.person("bob")
    made = connect(cast.root.client, "instance", place)
    with instance_scope():
        provider = IdentityProvider.objects.get(id=made["id"])
    meant = {
        name: person for name in NAMES if (person := vouch(provider, name, PASSWORD, waiting_at_the_page())) is not None
    }
    assert list(meant) == ["ada\n"], "blanks around a name are nothing"


@pytest.mark.parametrize("name", ["*", "*)(uid=*", "ada\x00", "ada)(|(objectClass=*)", "\\", "", ADMIN, "a" * 255])
def test_no_name_breaks_the_page_of_sign_in(cast: Cast, place: Place, name: str):
    place.person("ada")
    connect(cast.root.client, "instance", place)
    assert sign_in(name)[0] in (401, 422)


def test_no_password_but_the_one(cast: Cast, place: Place, many_tries: None):
    place.person("ada")
    connect(cast.root.client, "instance", place)
    assert {sign_in("ada", password)[0] for password in PASSWORDS} <= {401, 422}
    assert sign_in("ada")[0] == 200


def test_whoever_searches_the_directory_or_governs_it_is_nobody_here(cast: Cast, place: Place):
    connect(cast.root.client, "instance", place)
    assert sign_in("reader", READER_PASSWORD)[0] == 401
    assert sign_in("admin", ADMIN_PASSWORD)[0] == 401


@pytest.mark.parametrize(
    ("mail", "status"),
    [
        ("root@orrery.test", 403),
        ("olga@acme.test", 403),
        ("not an address", 403),
        ("<script>@acme.test", 422),
        ("root@orrery.test ", 403),
    ],
)
def test_nobody_becomes_somebody_else_by_what_the_directory_says_of_their_address(
    cast: Cast, place: Place, mail: str, status: int
):
    place.person("eve", mail=mail)
    connect(cast.root.client, "instance", place)
    assert sign_in("eve")[0] == status


def test_no_superadmin_is_linked_by_the_directory_of_a_tenant(cast: Cast, place: Place):
    place.person("eve", mail="root@orrery.test")
    connect(cast.olga.client, ACME, place, settings={"linkVerified": True})
    status, browser = sign_in("eve", tenant=ACME)
    assert status == 200 and browser.get("/api/v1/me").json()["superAdmin"] is False
    assert browser.get("/api/v1/me").json()["id"] != cast.root.user.id


@pytest.mark.parametrize("given", ["Ann\u202eevil", "Аdа", "<b>x</b>", "x" * 300, "\u200b"])
def test_names_that_deceive_do_no_harm(cast: Cast, place: Place, given: str):
    place.person("eve", givenName=given)
    connect(cast.root.client, "instance", place)
    assert sign_in("eve")[0] in (200, 422)


def test_groups_with_hostile_names_give_nothing_that_was_not_given(cast: Cast, place: Place):
    from ldap.dn import escape_dn_chars

    eve = place.person("eve")
    for name in ("admins)(cn=*", "a,b=c", "*", "x" * 200, '"quoted"'):
        place.add(f"cn={escape_dn_chars(name)},{place.groups}", objectClass="groupOfNames", cn=name, member=eve)
    rules = [{"match": "any", "group": "{value}", "tenant": ACME}]
    connect(cast.root.client, "instance", place, rules=rules)
    assert sign_in("eve")[0] == 200


BAD_SETTINGS: list[dict[str, Any]] = [
    {"url": "http://localhost"},
    {"url": "ldapi:///var/run/ldapi"},
    {"url": "ldap://"},
    {"url": "ldap://user:pass@localhost"},
    {"url": "ldap://localhost/dc=x"},
    {"url": "ldap://localhost?x"},
    {"url": "ldap://localhost:99999"},
    {"url": "ldap://local host"},
    {"url": "file:///etc/passwd"},
    {"url": "ldap://ldap.example.com", "startTls": False},
    {"authorities": "/etc/ssl/private/key.pem"},
    {"authorities": "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----"},
    {"userBase": ""},
    {"userBase": "nonsense"},
    {"userBase": "dc=acme\x00"},
    {"userFilter": "objectClass=*"},
    {"userFilter": "(objectClass=*"},
    {"userFilter": "(objectClass=*))(|(uid=*"},
    {"userFilter": "(a=b)(c=d)"},
    {"userFilter": ""},
    {"groupFilter": ")("},
    {"loginAttributes": []},
    {"loginAttributes": ["uid=*)(x"]},
    {"loginAttributes": ["uid"] * 6},
    {"idAttribute": "entry UUID"},
    {"memberAttribute": "member)(x=*"},
    {"groupNameAttribute": ""},
    {"nesting": "FOREVER"},
    {"syncMinutes": -1},
    {"syncMinutes": 2},
    {"mostLeaving": 0},
    {"bindDn": "cn=x\x00"},
    {"tenants": ["nowhere"]},
]


@pytest.mark.parametrize("bad", BAD_SETTINGS, ids=str)
def test_settings_that_cannot_be_meant_are_refused(cast: Cast, place: Place, bad: dict[str, Any]):
    body = json.dumps(place.wish(settings=bad))
    refused = cast.root.client.post("/api/v1/instance/identity-providers", body, content_type="application/json")
    assert refused.status_code == 422, refused.content
    with instance_scope():
        assert not IdentityProvider.objects.exists()


@pytest.mark.parametrize(
    "url",
    [
        "ldap://169.254.169.254",
        "ldaps://metadata.google.internal",
        "ldap://[fd00:ec2::254]",
        "ldap://0.0.0.0",
        "ldap://2130706433",
        "ldap://224.0.0.1",
    ],
)
def test_an_address_that_must_not_be_asked_is_not(cast: Cast, place: Place, url: str):
    body = json.dumps(place.wish(settings={"url": url}))
    made = cast.root.client.post("/api/v1/instance/identity-providers", body, content_type="application/json")
    if made.status_code == 200:
        path = f"/api/v1/instance/identity-providers/{made.json()['id']}/check"
        shown = cast.root.client.post(path, "{}", content_type="application/json").json()
        assert shown["outcome"] == "refused" and "may not be reached" in shown["reason"]
    else:
        assert made.status_code == 422


def test_the_password_of_the_bind_is_not_led_to_another_server(cast: Cast, place: Place):
    made = connect(cast.root.client, "instance", place)
    path = f"/api/v1/instance/identity-providers/{made['id']}"
    for change in ({"url": "ldaps://evil.test"}, {"startTls": False}, {"authorities": ""}):
        body = {**made, "settings": {**made["settings"], **change}}
        refused = cast.root.client.put(path, json.dumps(body), content_type="application/json")
        assert refused.status_code == 422 and "secret" in refused.content.decode()
    again = {**made, "settings": {**made["settings"], "userFilter": "(uid=*)"}}
    assert cast.root.client.put(path, json.dumps(again), content_type="application/json").status_code == 200


def test_the_password_of_the_bind_is_shown_nowhere(cast: Cast, place: Place):
    made = connect(cast.olga.client, ACME, place)
    path = f"/api/v1/{ACME}/identity-providers/{made['id']}"
    shown = [
        json.dumps(made),
        cast.olga.client.get(path).content.decode(),
        cast.olga.client.post(f"{path}/check", "{}", content_type="application/json").content.decode(),
        cast.olga.client.get(f"/api/v1/{ACME}/auditlogs/search?size=100").content.decode(),
    ]
    assert not any(READER_PASSWORD in each for each in shown)


def test_a_provider_by_ldap_has_no_address_of_a_sign_in(cast: Cast, place: Place):
    connect(cast.root.client, "instance", place)
    assert Client().get("/oauth/login/directory").status_code == 404
    assert Client().get("/oauth/callback/directory?state=x&code=y").status_code == 404


def test_two_directories_that_are_silent_cost_the_time_of_one(
    cast: Cast, place: Place, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sign_in_module, "SECONDS", 0.4)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        for name in ("one", "two"):
            settings = {"url": f"ldap://127.0.0.1:{port}", "startTls": False}
            connect(cast.root.client, "instance", place, name=name, settings=settings)
        began = time.monotonic()
        assert sign_in("ada")[0] == 503
        waited = time.monotonic() - began
    with instance_scope():
        reasons = [entry.body for entry in AuditEntry.objects.filter(action="LOGIN_FAILURE")]
    assert sum("too long" in body for body in reasons) == 2 and waited < 5


def test_sign_ins_and_tries_wait_in_threads_of_their_own():
    addresses = SignInAddresses()
    for path in ("/login", "/api/v1/login", "/api/v1/instance/identity-providers/x/check"):
        assert path in addresses
    assert "/api/v1/acme/identity-providers/x/check" in addresses
    assert "/api/v1/acme/identity-providers/x/syncs" not in addresses, "the scheduler does it"
