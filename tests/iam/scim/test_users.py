"""Users as clients push them: made, read, changed, found, and kept apart."""

import pytest

from control_plane.kernel.scope import instance_scope, tenant_scope
from iam.authorization import versions
from iam.models import ScimUser, TenantAccess, User
from tests.cast import ACME, GLOBEX, Cast, make_cast
from tests.iam.scim.clients import ScimClient, make_client

pytestmark = pytest.mark.django_db
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
BARBARA = {
    "userName": "Barbara@Acme.test",
    "externalId": "X-1",
    "name": {"givenName": "Barbara", "familyName": "Jensen", "formatted": "Ms. Barbara Jensen"},
    "displayName": "Babs",
    "active": True,
    "emails": [
        {"value": "home@acme.test", "type": "home"},
        {"value": "Barbara@Acme.test", "type": "work", "primary": True},
    ],
    ENTERPRISE: {"department": "Tours", "manager": {"value": "26118915"}},
}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def scim(cast: Cast) -> ScimClient:
    return make_client(cast.olga)


def test_what_is_shown_later_is_what_was_kept(scim: ScimClient):
    made = scim.make("/Users", BARBARA)
    assert made == scim.get(f"/Users/{made['id']}")
    assert {key: made[key] for key in BARBARA} == BARBARA
    assert made["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE]
    assert made["meta"]["location"].endswith(f"{scim.base}/Users/{made['id']}")


def test_what_is_no_attribute_and_a_password_are_not_kept(scim: ScimClient):
    made = scim.user("n@acme.test", password="Secret-1", shoeSize=43, groups=[{"value": "x"}], id="mine")
    assert not {"password", "shoeSize", "groups"} & made.keys()
    assert made["id"] != "mine"


def test_whoever_is_not_said_to_be_active_is(scim: ScimClient):
    assert scim.user("n@acme.test")["active"] is True


def test_the_account_is_the_tenants_own_and_enters_it(scim: ScimClient):
    made = scim.make("/Users", BARBARA)
    with instance_scope():
        user = User.objects.get(id=made["id"])
    assert (user.home, user.email, user.first_name, user.last_name) == (ACME, "barbara@acme.test", "Barbara", "Jensen")
    with tenant_scope(ACME):
        assert TenantAccess.objects.get(user_id=user.id).managed_by == scim.integration.id


def test_a_user_name_is_taken_once_whatever_its_case(scim: ScimClient):
    scim.user("bjensen")
    status, told = scim.call("POST", "/Users", {"userName": "BJensen"})
    assert (status, told["scimType"], told["status"]) == (409, "uniqueness", "409")
    assert "there is a user BJensen already" in told["detail"]


def test_two_people_of_one_address_have_an_account_each(scim: ScimClient):
    address = [{"value": "shared@acme.test", "primary": True}]
    one, other = scim.user("one", emails=address), scim.user("other", emails=address)
    assert one["id"] != other["id"]
    assert other["emails"] == address


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ('userName eq "BARBARA@acme.test"', 1),
        ('USERNAME EQ "barbara@acme.test"', 1),
        ('urn:ietf:params:scim:schemas:core:2.0:User:userName sw "barb"', 1),
        ('externalId eq "X-1"', 1),
        ('externalId eq "x-1"', 0),
        ('emails eq "barbara@acme.test"', 1),
        ('emails.value co "HOME@"', 1),
        ('emails[type eq "work"].value eq "barbara@acme.test"', 1),
        ('emails[type eq "home"].value eq "barbara@acme.test"', 0),
        ('emails[type eq "work" and value ew "@acme.test"]', 1),
        ('emails[type eq "home" and primary eq true]', 0),
        ('emails[not (type eq "work") and value pr]', 1),
        ('emails.type eq "work"', 1),
        ('name.familyName eq "jensen"', 1),
        ('name.givenName sw "bar" and name.familyName ew "sen"', 1),
        ("name.middleName pr", 0),
        ("not (name.middleName pr)", 2),
        ('displayName ne "babs"', 1),
        ("title eq null", 2),
        ("displayName ne null", 1),
        ("active eq true", 2),
        ('active eq "True"', 2),
        ("active eq false", 0),
        (f'{ENTERPRISE}:department eq "tours"', 1),
        (f'{ENTERPRISE}:manager.value eq "26118915"', 1),
        (f'{ENTERPRISE}:manager eq "26118915"', 1),
        ('userName eq "other" or userName sw "barbara" and active eq false', 1),
        ('(userName eq "other" or userName sw "barbara") and active eq false', 0),
        ('meta.created gt "2020-01-01T00:00:00Z"', 2),
        ('meta.lastModified lt "2020-01-01T00:00:00Z"', 0),
        ('displayName gt "a" and displayName lt "c"', 1),
        ('displayName co "a%b"', 0),
        ('displayName co "\\"quoted\\""', 0),
        ('nickName eq "O\'Neil \\\\ (x) [y] $1"', 1),
        ('nickName co "(x) ["', 1),
        ('nickName ew "$1"', 1),
        ("groups pr", 0),
    ],
)
def test_filters_find(scim: ScimClient, asked: str, count: int):
    scim.make("/Users", BARBARA)
    scim.user("other", nickName="O'Neil \\ (x) [y] $1")
    status, found = scim.call("GET", f"/Users?{_query(filter=asked)}")
    assert (status, found.get("totalResults")) == (200, count), found


def _query(**asked: object) -> str:
    from urllib.parse import urlencode

    return urlencode(asked)


def test_search_by_post_finds_the_same(scim: ScimClient):
    scim.make("/Users", BARBARA)
    body = {"filter": 'userName sw "barb"', "attributes": ["userName"], "startIndex": 1, "count": 5}
    status, found = scim.call("POST", "/Users/.search", body)
    assert (status, found["totalResults"]) == (200, 1)
    assert found["Resources"][0].keys() == {"schemas", "id", "userName"}


def test_users_and_groups_are_searched_together(scim: ScimClient):
    scim.user("a")
    scim.group("b")
    status, found = scim.call("POST", "/.search", {"count": 1, "startIndex": 2})
    assert (status, found["totalResults"], found["Resources"][0]["displayName"]) == (200, 2, "b")
    status, found = scim.call("POST", "/.search", {"filter": 'userName eq "a"'})
    assert (status, [each["userName"] for each in found["Resources"]]) == (200, ["a"])
    assert scim.call("POST", "/.search", {"filter": 'shoeSize eq "a"'})[1]["scimType"] == "invalidFilter"


@pytest.mark.parametrize(
    ("asked", "names", "start"),
    [
        ("startIndex=0&count=2", ["a", "b"], 1),
        ("startIndex=-5", ["a", "b", "c"], 1),
        ("startIndex=2&count=1", ["b"], 2),
        ("count=0", [], 1),
        ("count=-1", [], 1),
        ("startIndex=500", [], 500),
        ("sortBy=userName&sortOrder=descending", ["c", "b", "a"], 1),
        ("sortBy=name.familyName", ["c", "b", "a"], 1),
        ("sortBy=name.familyName&sortOrder=DESCENDING", ["a", "b", "c"], 1),
        ("sortBy=emails.value", ["b", "a", "c"], 1),
        ("sortBy=meta.created&sortOrder=descending", ["c", "b", "a"], 1),
    ],
)
def test_pages_count_from_one_and_keep_an_order(scim: ScimClient, asked: str, names: list[str], start: int):
    for name, family, address in (("a", "z", "b@x.test"), ("b", "y", "a@x.test"), ("c", "x", "c@x.test")):
        scim.user(name, name={"familyName": family}, emails=[{"value": address}])
    found = scim.get(f"/Users?{asked}")
    assert [each["userName"] for each in found["Resources"]] == names
    assert (found["totalResults"], found["startIndex"], found["itemsPerPage"]) == (3, start, len(names))


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("attributes=userName", {"schemas", "id", "userName"}),
        ("attributes=userName,%20displayName", {"schemas", "id", "userName", "displayName"}),
        ("attributes=name.givenName", {"schemas", "id", "name"}),
        ("attributes=nothing", {"schemas", "id", *BARBARA, "meta"}),
        ("excludedAttributes=emails,name,meta,id", {"schemas", "id", *BARBARA} - {"emails", "name"}),
        (f"excludedAttributes={ENTERPRISE}", {"schemas", "id", "meta", *BARBARA} - {ENTERPRISE}),
        (f"attributes={ENTERPRISE}:department", {"schemas", "id", ENTERPRISE}),
    ],
)
def test_only_what_is_asked_for_is_shown(scim: ScimClient, asked: str, shown: set[str]):
    made = scim.make("/Users", BARBARA)
    assert scim.get(f"/Users/{made['id']}?{asked}").keys() == shown
    assert scim.get(f"/Users?{asked}")["Resources"][0].keys() == shown


def test_a_part_of_an_attribute_is_shown_alone(scim: ScimClient):
    made = scim.make("/Users", BARBARA)
    assert scim.get(f"/Users/{made['id']}?attributes=name.givenName,emails.value") == {
        "schemas": made["schemas"],
        "id": made["id"],
        "name": {"givenName": "Barbara"},
        "emails": [{"value": each["value"]} for each in BARBARA["emails"]],
    }


def test_a_put_replaces_and_says_nothing_of_what_it_leaves_out(scim: ScimClient):
    made = scim.make("/Users", BARBARA)
    status, put = scim.call("PUT", f"/Users/{made['id']}", {"userName": "babs@acme.test", "title": "Guide"})
    assert status == 200
    assert put == scim.get(f"/Users/{made['id']}")
    assert put.keys() == {"schemas", "id", "userName", "title", "active", "meta"}


def test_a_put_that_says_nothing_of_active_lets_nobody_back_in(scim: ScimClient):
    made = scim.make("/Users", {**BARBARA, "active": False})
    assert scim.call("PUT", f"/Users/{made['id']}", {"userName": "babs"})[1]["active"] is False


def test_a_put_to_a_name_that_is_taken_is_refused(scim: ScimClient):
    scim.user("taken")
    made = scim.user("free")
    assert scim.call("PUT", f"/Users/{made['id']}", {"userName": "TAKEN"})[1]["scimType"] == "uniqueness"


def test_versions_move_and_are_asked_for(scim: ScimClient):
    made = scim.user("a")
    first = made["meta"]["version"]
    place = f"/Users/{made['id']}"
    assert scim.send("GET", place)["ETag"] == first
    assert scim.send("GET", place, **{"if-none-match": first}).status_code == 304
    change = {"op": "replace", "path": "title", "value": "x"}
    status, changed = scim.patch(place, change, **{"if-match": first})
    assert (status, changed["meta"]["version"] != first) == (200, True)
    assert scim.patch(place, {**change, "value": "y"}, **{"if-match": first})[0] == 412
    assert scim.call("PUT", place, {"userName": "a"}, **{"if-match": first})[0] == 412
    assert scim.call("DELETE", place, **{"if-match": first})[0] == 412
    assert scim.patch(place, {**change, "value": "z"}, **{"if-match": "*"})[0] == 200
    assert scim.send("GET", place, **{"if-none-match": first}).status_code == 200


def test_a_change_of_nothing_is_no_new_version(scim: ScimClient):
    made = scim.user("a", title="x")
    _, same = scim.patch(f"/Users/{made['id']}", {"op": "replace", "path": "title", "value": "x"})
    assert same == made


def test_only_what_opens_or_closes_something_makes_processes_forget(scim: ScimClient):
    """Every process remembers who may do what until a number moves."""
    place = f"/Users/{scim.user('a@acme.test', emails=[{'value': 'a@acme.test'}])['id']}"
    before = versions.current(ACME)
    for path, value in (("name.familyName", "Love"), ("title", "Countess"), ("active", True)):
        assert scim.patch(place, {"op": "replace", "path": path, "value": value})[0] in (200, 204)
    assert versions.current(ACME) == before
    scim.patch(place, {"op": "replace", "path": "emails", "value": [{"value": "b@acme.test"}]})
    renamed = versions.current(ACME)
    assert renamed.identities > before.identities and renamed.tenant == before.tenant
    scim.patch(place, {"op": "replace", "path": "active", "value": False})
    closed = versions.current(ACME)
    assert closed.identities > renamed.identities and (closed.tenant or 0) > (renamed.tenant or 0)
    scim.patch(place, {"op": "replace", "path": "active", "value": True})
    assert (versions.current(ACME).tenant or 0) > (closed.tenant or 0)


def test_an_integration_finds_only_whom_it_pushed(cast: Cast, scim: ScimClient):
    other = make_client(cast.olga, name="other")
    elsewhere = make_client(cast.otto, GLOBEX)
    made = scim.user("a")
    for stranger in (other, elsewhere):
        assert stranger.call("GET", f"/Users/{made['id']}")[0] == 404
        assert stranger.get("/Users")["totalResults"] == 0
        assert stranger.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})[0] == 404
        assert stranger.call("PUT", f"/Users/{made['id']}", {"userName": "b"})[0] == 404
        assert stranger.call("DELETE", f"/Users/{made['id']}")[0] == 404
    assert scim.get(f"/Users/{made['id']}") == made
    assert scim.get("/Users")["totalResults"] == 1  # and not the tenant's people whom nobody pushed


def test_the_same_person_of_two_tenants_directories_is_two_accounts(cast: Cast, scim: ScimClient):
    elsewhere = make_client(cast.otto, GLOBEX)
    here, there = scim.user("p@shared.test"), elsewhere.user("p@shared.test")
    assert here["id"] != there["id"]
    scim.patch(f"/Users/{here['id']}", {"op": "replace", "value": {"active": False, "displayName": "Here"}})
    assert elsewhere.get(f"/Users/{there['id']}") == there


def test_an_account_that_is_there_already_is_given_access_and_left_alone(cast: Cast, scim: ScimClient):
    """Otto of Globex is pushed by Acme's directory: he may enter, and nothing that Globex knows of him changes."""
    before = _account(cast.otto.user.id)
    made = scim.user("otto@globex.test", name={"givenName": "O", "familyName": "T"})
    assert made["id"] == cast.otto.user.id
    assert _account(cast.otto.user.id) == before
    assert cast.otto.client.get(f"/api/v1/{ACME}/flows/search").status_code == 403
    status, _ = scim.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})
    assert status == 200
    assert cast.otto.client.get(f"/api/v1/{ACME}/flows/search").status_code == 404
    assert cast.otto.client.get(f"/api/v1/{GLOBEX}/flows/search").status_code == 200
    assert scim.call("DELETE", f"/Users/{made['id']}")[0] == 204
    assert cast.otto.client.get(f"/api/v1/{GLOBEX}/flows/search").status_code == 200
    assert _account(cast.otto.user.id) == before


def _account(user_id: str) -> dict[str, object]:
    with instance_scope():
        return User.objects.filter(id=user_id).values().get()


def test_whoever_returns_is_the_same_person(scim: ScimClient):
    made = scim.user("a@acme.test")
    assert scim.call("DELETE", f"/Users/{made['id']}") == (204, None)
    assert scim.call("GET", f"/Users/{made['id']}")[0] == 404
    assert scim.call("DELETE", f"/Users/{made['id']}")[0] == 404
    assert _account(made["id"])["is_disabled"] is True
    again = scim.user("a@acme.test", title="back")
    assert (again["id"], again["title"]) == (made["id"], "back")
    assert _account(made["id"])["is_disabled"] is False


def test_whom_a_superadmin_closed_no_directory_opens(cast: Cast, scim: ScimClient):
    made = scim.user("a@acme.test")
    with instance_scope():
        User.objects.filter(id=made["id"]).update(is_disabled=True)
    scim.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}})
    scim.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": True}})
    assert _account(made["id"])["is_disabled"] is True


def test_entries_name_the_integration_as_who_did_it(cast: Cast, scim: ScimClient):
    from audit.models import AuditEntry

    made = scim.user("a")
    with tenant_scope(ACME):
        entries = list(AuditEntry.objects.filter(object_id=made["id"], resource="USER").order_by("seq"))
        assert ScimUser.objects.count() == 1
    assert entries
    assert {(entry.actor_kind, entry.actor_id, entry.actor_name) for entry in entries} == {
        ("SCIM", scim.integration.id, "directory")
    }
