"""Groups as clients push them: their members come and go in a few statements, and by nobody else's hand."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import now
from iam.models import Binding, Group, GroupMember, ScimUser, TenantAccess, User
from tests.cast import ACME, GLOBEX, Cast, make_cast
from tests.iam.scim.clients import ScimClient, make_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def scim(cast: Cast) -> ScimClient:
    return make_client(cast.olga)


@pytest.fixture
def people(scim: ScimClient) -> list[str]:
    return [scim.user(name)["id"] for name in ("ann", "ben", "cat")]


def members(scim: ScimClient, group: dict) -> set[str]:
    return {each["value"] for each in scim.get(f"/Groups/{group['id']}").get("members", [])}


def change(scim: ScimClient, group: dict, *operations: dict) -> None:
    status, told = scim.patch(f"/Groups/{group['id']}", *operations)
    assert status == 204, told


def test_a_group_is_shown_as_it_was_made(scim: ScimClient, people: list[str]):
    made = scim.group("Crew", *people[:2], externalId="g-1")
    assert made == scim.get(f"/Groups/{made['id']}")
    assert (made["displayName"], made["externalId"]) == ("Crew", "g-1")
    assert {each["value"] for each in made["members"]} == set(people[:2])
    for member in made["members"]:
        assert (member["type"], member["$ref"].rpartition("/Users/")[2]) == ("User", member["value"])
    assert scim.get(f"/Users/{people[0]}")["groups"][0]["value"] == made["id"]


@pytest.mark.parametrize(
    ("operation", "left"),
    [
        pytest.param({"op": "add", "path": "members", "value": [{"value": "2"}]}, "012", id="one more"),
        pytest.param({"op": "Add", "path": "members", "value": [{"value": "0"}]}, "01", id="one who is there"),
        pytest.param({"op": "add", "path": "members", "value": {"value": "2"}}, "012", id="no list"),
        pytest.param({"op": "add", "value": {"members": [{"value": "2"}]}}, "012", id="no path"),
        pytest.param({"op": "remove", "path": "members", "value": [{"value": "1"}]}, "0", id="by value"),
        pytest.param({"op": "Remove", "path": 'members[value eq "1"]'}, "0", id="by brackets"),
        pytest.param({"op": "remove", "path": 'members[value eq "1" or value eq "0"]'}, "", id="by either"),
        pytest.param({"op": "remove", "path": 'members[not (value eq "1")]'}, "1", id="all but one"),
        pytest.param({"op": "remove", "path": 'members[value eq "2"]'}, "01", id="one who is not there"),
        pytest.param({"op": "replace", "path": "members", "value": [{"value": "2"}, {"value": "1"}]}, "12", id="all"),
        pytest.param({"op": "replace", "path": "members", "value": []}, "", id="nobody"),
        pytest.param({"op": "replace", "value": {"members": [{"value": "2"}], "id": "x"}}, "2", id="all, no path"),
        pytest.param({"op": "remove", "path": "members"}, "", id="everybody"),
    ],
)
def test_members_come_and_go(scim: ScimClient, people: list[str], operation: dict, left: str):
    made = scim.group("Crew", *people[:2])
    text = json.dumps(operation)
    for number, identity in enumerate(people):
        text = text.replace(f'"{number}"', f'"{identity}"').replace(f'\\"{number}\\"', f'\\"{identity}\\"')
    change(scim, made, json.loads(text))
    assert members(scim, made) == {people[int(number)] for number in left}


def test_several_operations_are_one_after_another(scim: ScimClient, people: list[str]):
    made = scim.group("Crew", people[0])
    change(
        scim,
        made,
        {"op": "replace", "path": "members", "value": [{"value": people[1]}]},
        {"op": "add", "path": "members", "value": [{"value": people[2]}]},
        {"op": "remove", "path": f'members[value eq "{people[1]}"]'},
        {"op": "replace", "path": "displayName", "value": "Staff"},
    )
    assert members(scim, made) == {people[2]}
    assert scim.get(f"/Groups/{made['id']}")["displayName"] == "Staff"


def test_one_operation_that_fails_undoes_all(scim: ScimClient, people: list[str]):
    made = scim.group("Crew", people[0])
    status, told = scim.patch(
        f"/Groups/{made['id']}",
        {"op": "add", "path": "members", "value": [{"value": people[1]}]},
        {"op": "add", "path": "members", "value": [{"value": "nobody"}]},
    )
    assert (status, told["scimType"], "nobody" in told["detail"]) == (400, "invalidValue", True)
    assert scim.get(f"/Groups/{made['id']}") == made


def test_whoever_names_nobody_empties_no_group_of_a_known_client(cast: Cast):
    """Each of the four names whom it removes; without that it is a mistake, and is not taken for everybody."""
    for client in ("OKTA", "ENTRA", "KEYCLOAK", "AUTHENTIK"):
        scim = make_client(cast.olga, name=client.lower(), client=client)
        made = scim.group(client, scim.user(f"ann-{client}")["id"])
        for operation in ({"op": "remove", "path": "members"}, {"op": "remove", "path": "members", "value": []}):
            status, told = scim.patch(f"/Groups/{made['id']}", operation)
            assert (status, told["scimType"]) == (400, "noTarget")
        assert len(members(scim, made)) == 1


def test_a_put_replaces_name_and_members(scim: ScimClient, people: list[str]):
    made = scim.group("Crew", *people[:2], externalId="g-1")
    status, put = scim.call("PUT", f"/Groups/{made['id']}", {"displayName": "Staff", "members": [{"value": people[2]}]})
    assert status == 200
    assert put == scim.get(f"/Groups/{made['id']}")
    assert (put["displayName"], "externalId" in put) == ("Staff", False)
    assert members(scim, made) == {people[2]}
    scim.call("PUT", f"/Groups/{made['id']}", {"displayName": "Staff"})
    assert members(scim, made) == set()


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ('displayName eq "crew"', ["Crew"]),
        ('displayName sw "C" or displayName sw "s"', ["Crew", "Staff"]),
        ('externalId eq "g-1"', ["Crew"]),
        ('members.value eq "{ann}"', ["Crew"]),
        ('members eq "{ann}" and displayName co "staff"', []),
        ('members[value eq "{ann}" and type eq "User"]', ["Crew"]),
        ("members pr", ["Crew"]),
        ("not (members pr)", ["Staff"]),
    ],
)
def test_groups_are_found(scim: ScimClient, people: list[str], asked: str, names: list[str]):
    from urllib.parse import quote

    scim.group("Crew", people[0], externalId="g-1")
    scim.group("Staff")
    found = scim.get(f"/Groups?filter={quote(asked.replace('{ann}', people[0]))}")
    assert [each["displayName"] for each in found["Resources"]] == names


def test_users_are_found_by_their_groups(scim: ScimClient, people: list[str]):
    made = scim.group("Crew", people[0])
    for asked in (f'groups eq "{made["id"]}"', f'groups.value eq "{made["id"]}"', 'groups.display eq "crew"'):
        found = scim.call("POST", "/Users/.search", {"filter": asked})[1]
        assert [each["id"] for each in found["Resources"]] == [people[0]], asked


def test_members_that_are_not_asked_for_are_not_even_read(scim: ScimClient, people: list[str]):
    made = scim.group("Crew", *people)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        shown = scim.get(f"/Groups/{made['id']}?excludedAttributes=members")
        listed = scim.get("/Groups?excludedAttributes=members")["Resources"][0]
    assert "members" not in shown
    assert "members" not in listed
    assert not [query for query in asked.captured_queries if "iam_group_member" in query["sql"]]


def test_whom_a_member_is_said_to_be_is_told_to_whom_asks(scim: ScimClient, people: list[str]):
    place = f"/Groups/{scim.group('Crew', people[0])['id']}"
    assert "display" not in scim.get(place)["members"][0]
    shown = scim.get(f"{place}?attributes=members.display,members.value")["members"][0]
    assert shown["value"] == people[0] and "@" in shown["display"]
    added = [{"value": people[1], "display": "Somebody else"}]
    assert scim.patch(place, {"op": "add", "path": "members", "value": added})[0] == 204
    told = scim.get(f"{place}?attributes=members.display")["members"]
    assert len(told) == 2 and "Somebody else" not in {each["display"] for each in told}


def test_a_name_that_somebody_uses_is_taken_whoever_made_it(cast: Cast, scim: ScimClient):
    with tenant_scope(ACME):
        Group.objects.create(name="Admins")
    status, told = scim.call("POST", "/Groups", {"displayName": "Admins"})
    assert (status, told["scimType"]) == (409, "uniqueness")
    made = scim.group("Crew")
    assert scim.patch(f"/Groups/{made['id']}", {"op": "replace", "value": {"displayName": "Admins"}})[0] == 409
    assert scim.call("PUT", f"/Groups/{made['id']}", {"displayName": "Admins"})[0] == 409


def test_an_integration_finds_only_what_it_pushed(cast: Cast, scim: ScimClient, people: list[str]):
    made = scim.group("Crew", people[0])
    for stranger in (make_client(cast.olga, name="other"), make_client(cast.otto, GLOBEX)):
        assert stranger.get("/Groups")["totalResults"] == 0
        assert stranger.call("GET", f"/Groups/{made['id']}")[0] == 404
        assert stranger.call("DELETE", f"/Groups/{made['id']}")[0] == 404
        own = stranger.group("Own")
        status, told = stranger.patch(
            f"/Groups/{own['id']}", {"op": "add", "path": "members", "value": [{"value": people[0]}]}
        )
        assert (status, told["detail"]) == (400, f"there is no user {people[0]}")
    assert scim.get(f"/Groups/{made['id']}") == made


def test_a_group_in_a_group_is_refused(scim: ScimClient):
    inner = scim.group("Inner")
    status, told = scim.call(
        "POST", "/Groups", {"displayName": "Outer", "members": [{"value": inner["id"], "type": "Group"}]}
    )
    assert (status, told["detail"]) == (400, "a group is no member of another one")


def test_a_pushed_group_is_bound_to_roles_like_any_other(cast: Cast, scim: ScimClient):
    made = scim.group("Viewers", scim.user("otto@globex.test")["id"])
    flows = f"/api/v1/{ACME}/flows/search"
    assert cast.otto.client.get(flows).status_code == 403
    given = {"type": "GROUP", "externalId": made["id"], "roleId": f"viewer_{ACME}"}
    assert cast.olga.client.post(f"/api/v1/{ACME}/bindings", given, "application/json").status_code == 200
    assert cast.otto.client.get(flows).status_code == 200
    change(scim, made, {"op": "remove", "path": f'members[value eq "{cast.otto.user.id}"]'})
    assert cast.otto.client.get(flows).status_code == 403
    change(scim, made, {"op": "add", "path": "members", "value": [{"value": cast.otto.user.id}]})
    assert cast.otto.client.get(flows).status_code == 200
    assert scim.call("DELETE", f"/Groups/{made['id']}")[0] == 204
    assert cast.otto.client.get(flows).status_code == 403
    with tenant_scope(ACME):
        assert not Binding.objects.filter(group_id=made["id"]).exists()


def test_the_last_admin_stays_whatever_a_directory_says(cast: Cast, scim: ScimClient):
    made = scim.user("olga@acme.test")
    for status, told in (
        scim.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"active": False}}),
        scim.call("DELETE", f"/Users/{made['id']}"),
    ):
        assert (status, told["detail"]) == (409, "the last admin of the tenant cannot be taken away")
    assert cast.olga.client.get(f"/api/v1/{ACME}/flows/search").status_code == 200


def many(scim: ScimClient, count: int) -> list[str]:
    """So many people of this integration, without a request for each."""
    moment = now()
    ids = [f"m{number:06}" for number in range(count)]
    with instance_scope():
        User.objects.bulk_create(User(id=each, email=f"{each}@acme.test", home=ACME) for each in ids)
    with tenant_scope(ACME):
        rows = {"tenant_id": ACME, "integration_id": scim.integration.id, "created_at": moment, "changed_at": moment}
        TenantAccess.objects.bulk_create(TenantAccess(tenant_id=ACME, user_id=each) for each in ids)
        ScimUser.objects.bulk_create(
            ScimUser(user_id=each, user_name=each, document={"userName": each}, **rows) for each in ids
        )
    return ids


def test_ten_thousand_members_are_a_few_statements(scim: ScimClient):
    people = many(scim, 10_000)
    made = scim.group("Everybody")
    counted = []
    for operation in (
        {"op": "add", "path": "members", "value": [{"value": people[0]}]},
        {"op": "add", "path": "members", "value": [{"value": each} for each in people]},
        {"op": "remove", "path": "members", "value": [{"value": each} for each in people[:5_000]]},
        {"op": "replace", "path": "members", "value": [{"value": each} for each in people[2_500:7_500]]},
    ):
        with CaptureQueriesContext(connection) as asked:
            change(scim, made, operation)
        counted.append(len(asked))
    with tenant_scope(ACME):
        assert GroupMember.objects.filter(group_id=made["id"]).count() == 5_000
    assert max(counted) - counted[0] <= 6, counted
    assert max(counted) <= 30, counted
