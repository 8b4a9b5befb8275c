"""Hostile input at every door of an integration: nothing of it is accepted, and none of it breaks anything."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from control_plane.kernel.config import config
from control_plane.kernel.scope import instance_scope, tenant_scope
from iam.models import Group, GroupMember, ScimUser, User
from tests.cast import ACME, Cast, make_cast
from tests.iam.scim.clients import CONTENT, ScimClient, make_client

pytestmark = pytest.mark.django_db
DEEP = "(" * 200 + 'userName eq "a"' + ")" * 200
WIDE = " or ".join(['userName eq "a"'] * 500)
FILTERS = {
    "another language": "1=1",
    "SQL": "userName eq \"a' OR '1'='1\" -- ",
    "SQL after": 'userName eq "a"; DROP TABLE iam_user',
    "LDAP": "*)(uid=*",
    "no operator": "userName",
    "no value": "userName eq",
    "an unknown operator": 'userName regex "a"',
    "an unknown attribute": 'shoeSize eq "43"',
    "an unknown schema": 'urn:a:b:userName eq "a"',
    "the password": 'password sw "a"',
    "a path of Python": 'user__password eq "a"',
    "dunder": 'userName.__class__ eq "a"',
    "no end of a text": 'userName eq "a',
    "nested without end": DEEP,
    "nots without end": "not (" * 100 + "active eq true" + ")" * 100,
    "terms without end": WIDE,
    "longer than anybody reads": f'userName eq "{"a" * 10_000}"',
    "brackets in brackets": 'emails[emails[type eq "a"]]',
    "brackets on nothing": 'userName[value eq "a"]',
    "an open bracket": 'emails[type eq "work"',
    "a closed bracket": 'emails] type eq "work"',
    "a number too large": "active eq 1e999999",
    "digits without end": f"userName gt {'9' * 500}",
    "a surrogate": 'userName eq "\\ud800"',
    "a NUL": 'userName eq "\\u0000"',
    "a raw NUL": 'userName eq "\x00"',
    "a text ordered by a truth": "active gt true",
    "no time": 'meta.created gt "yesterday"',
    "a time that no calendar has": 'meta.created gt "9999-99-99T99:99:99Z"',
    "a complex one as a whole": 'name eq "x"',
    "null compared": "userName gt null",
    "two in a row": 'userName eq "a" "b"',
    "empty brackets": "()",
}
REFUSED_OR_NOTHING = (400, 200)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def scim(cast: Cast) -> ScimClient:
    scim = make_client(cast.olga)
    scim.group("Crew", scim.user("victim@acme.test", emails=[{"value": "victim@acme.test", "type": "work"}])["id"])
    return scim


def state(scim: ScimClient) -> object:
    with tenant_scope(ACME):
        kept = [
            list(ScimUser.objects.order_by("id").values_list("document", "version")),
            list(Group.objects.order_by("id").values_list("name", "managed_by")),
            list(GroupMember.objects.order_by("id").values_list("user_id", "group_id")),
        ]
    with instance_scope():
        return [*kept, list(User.objects.order_by("id").values_list("email", "is_superadmin", "is_disabled", "home"))]


def test_hostile_filters_find_nothing_and_break_nothing(scim: ScimClient):
    wrong = {}
    for name, text in FILTERS.items():
        for kind in ("Users", "Groups"):
            for status, told in (
                scim.call("GET", f"/{kind}?filter={quote(text, safe='')}"),
                scim.call("POST", f"/{kind}/.search", {"filter": text}),
            ):
                is_refused = status == 400 and told["scimType"] in ("invalidFilter", "invalidValue")
                if not is_refused and not (status == 200 and told["totalResults"] == 0):
                    wrong[name, kind] = (status, told)
    assert wrong == {}


BODIES: dict[str, object] = {
    "nothing": b"",
    "no JSON": b"{",
    "a list": [],
    "a text": "x",
    "null": b"null",
    "a key twice": b'{"userName": "a", "userName": "b"}',
    "nested without end": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "a lone surrogate": b'{"userName": "\\ud800"}',
    "no UTF-8": b'{"userName": "\xff"}',
    "no name": {"displayName": ""},
    "an empty name": {"userName": "", "displayName": " "},
    "a name that is a number": {"userName": 1, "displayName": 1},
    "a name that is a list": {"userName": ["a"], "displayName": ["a"]},
    "a name that is an object": {"userName": {"a": 1}, "displayName": {"a": 1}},
    "a name without end": {"userName": "a" * 300, "displayName": "a" * 300},
    "a NUL in the name": {"userName": "a\x00b", "displayName": "a\x00b"},
    "an external id that is an object": {"userName": "a", "displayName": "a", "externalId": {"a": 1}},
    "values without end": {"userName": "a", "displayName": "a", "emails": [{"value": "x"}] * 500, "members": [{}]},
    "a document without end": {
        "userName": "a",
        "displayName": "a",
        "photos": [{"value": "x" * 3_900, "type": str(n)} for n in range(100)],
        "members": [{"value": 5}],
    },
    "members of another kind": {"userName": 5, "displayName": "a", "members": "x" * 300},
    "a member that is a group": {"userName": 5, "displayName": "a", "members": [{"value": "x", "type": "Group"}]},
    "a member who is nobody": {"userName": 5, "displayName": "a", "members": [{"value": "nobody"}]},
    "a member with a NUL": {"userName": 5, "displayName": "a", "members": [{"value": "\x00"}]},
}


def test_hostile_bodies_make_nothing_and_break_nothing(scim: ScimClient):
    before, wrong = state(scim), {}
    places = [
        f"/Users/{scim.get('/Users')['Resources'][0]['id']}",
        f"/Groups/{scim.get('/Groups')['Resources'][0]['id']}",
    ]
    for name, body in BODIES.items():
        for method, path in (("POST", "/Users"), ("POST", "/Groups"), *(("PUT", place) for place in places)):
            status, told = scim.call(method, path, body)
            if status not in (400, 413) or told["schemas"] != ["urn:ietf:params:scim:api:messages:2.0:Error"]:
                wrong[name, method, path] = (status, told)
        for place in places:
            status, told = scim.call("PATCH", place, body)
            if status not in (400, 413):
                wrong[name, "PATCH", place] = (status, told)
    assert wrong == {}
    assert state(scim) == before


def test_what_lifts_somebody_up_is_not_listened_to(scim: ScimClient):
    """`superAdmin`, `home`, rights and groups are no attributes of a user: they are left out, not taken."""
    made = scim.user(
        "low",
        superAdmin=True,
        is_superadmin=True,
        home="",
        roles=[{"value": "admin_acme"}],
        id="x",
        groups=[{"value": scim.get("/Groups")["Resources"][0]["id"]}],
        meta={"version": "9"},
    )
    with instance_scope():
        user = User.objects.get(id=made["id"])
    assert (user.is_superadmin, user.home) == (False, ACME)
    assert "groups" not in scim.get(f"/Users/{made['id']}")
    assert made["roles"] == [{"value": "admin_acme"}]  # told again as said, and nobody's right


def test_a_body_too_large_is_told_so(scim: ScimClient):
    body = b'{"displayName": "a", "members": [' + b'{"value": "x"},' * 700_000 + b'{"value": "x"}]}'
    assert len(body) > 10_000_000
    status, _ = scim.call("POST", "/Groups", body)
    assert status in (400, 413)
    with tenant_scope(ACME):
        assert not Group.objects.filter(name="a").exists()
    assert config().limits.body_bytes < 1_000_000_000


@pytest.mark.parametrize(
    "query",
    [
        *("startIndex=x", "startIndex=1.5", "count=1e9", "count=%00", "startIndex=" + "9" * 100),
        *("sortBy=shoeSize", "sortBy=groups", "sortBy=members", "sortOrder=sideways", "sortBy=%00", "filter=%00"),
    ],
)
def test_hostile_pages_are_refused(scim: ScimClient, query: str):
    assert scim.call("GET", f"/Users?{query}")[0] == 400


def test_pages_beyond_everything_are_empty(scim: ScimClient):
    assert scim.get("/Users?startIndex=2147483647&count=2147483647")["Resources"] == []
    assert len(scim.get("/Users?count=100000")["Resources"]) == 1


@pytest.mark.parametrize("identity", ["%00", "..%2f..", "%2e%2e", "' OR 1=1", "🦆", "a" * 2_000, "bulkId:x"])
def test_hostile_ids_are_of_nobody(scim: ScimClient, identity: str):
    for kind in ("Users", "Groups", "Schemas", "ResourceTypes"):
        status = scim.send(
            "GET", f"/{kind}/{quote(identity, safe='%') if '%' not in identity else identity}"
        ).status_code
        assert status in (400, 404), kind


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer x", "Basic eDp4", "Bearer orc_x", "bearer\tx"])
def test_wrong_credentials_are_refused_in_words_of_scim(scim: ScimClient, cast: Cast, header: str):
    answer = cast.anonymous.get(f"{scim.base}/Users", headers={"authorization": header} if header else {})
    assert (answer.status_code, answer["Content-Type"]) == (401, CONTENT)
    assert answer.json()["status"] == "401"
    assert "WWW-Authenticate" in answer


def test_a_body_of_another_type_is_refused(scim: ScimClient, cast: Cast):
    for kind, body in (("text/plain", "x"), ("application/xml", "<a/>"), ("multipart/form-data; boundary=b", "--b--")):
        answer = cast.anonymous.post(
            f"{scim.base}/Users", body, kind, headers={"authorization": f"Bearer {scim.token}"}
        )
        assert answer.status_code in (400, 415), kind


def test_nothing_is_told_of_a_bug(scim: ScimClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    from iam.scim import users

    def broken(*_: object) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(users, "wanted", broken)
    status, told = scim.call("GET", "/Users")
    assert status == 500
    assert "secret" not in json.dumps(told)
