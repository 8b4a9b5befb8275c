"""What is served, what is not, and many operations in one request."""

import json
from urllib.parse import quote

import pytest

from tests.cast import Cast, make_cast
from tests.iam.scim.clients import CONTENT, ScimClient, make_client

pytestmark = pytest.mark.django_db
USER = "urn:ietf:params:scim:schemas:core:2.0:User"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def scim(cast: Cast) -> ScimClient:
    return make_client(cast.olga)


def test_what_is_said_to_be_served_is(scim: ScimClient):
    said = scim.get("/ServiceProviderConfig")
    served = {
        key: value["supported"] for key, value in said.items() if isinstance(value, dict) and "supported" in value
    }
    assert served == dict.fromkeys(("patch", "bulk", "filter", "sort", "etag"), True) | {"changePassword": False}
    assert said["authenticationSchemes"][0]["type"] == "oauthbearertoken"


def test_schemas_and_kinds_are_listed_and_found_one_by_one(scim: ScimClient):
    for kind, key in (("Schemas", "id"), ("ResourceTypes", "name")):
        listed = scim.get(f"/{kind}")
        assert listed["totalResults"] == len(listed["Resources"])
        for each in listed["Resources"]:
            assert scim.get(f"/{kind}/{quote(each[key], safe='')}") == each
        assert scim.call("GET", f"/{kind}/nothing")[0] == 404
        assert scim.call("GET", f"/{kind}?filter=id%20pr")[0] == 403


def test_no_attribute_is_published_that_is_not_taken(scim: ScimClient):
    """Each that a client may write comes back as it was written."""
    schema = scim.get(f"/Schemas/{quote(USER, safe='')}")
    kinds = {"string": "text", "reference": "https://x.test", "boolean": True, "binary": "YQ=="}
    written = {}
    for attribute in schema["attributes"]:
        if attribute["mutability"] == "readOnly":
            continue
        value = kinds.get(attribute["type"]) or {
            sub["name"]: kinds[sub["type"]] for sub in attribute["subAttributes"] if sub["mutability"] != "readOnly"
        }
        written[attribute["name"]] = [value] if attribute["multiValued"] else value
    made = scim.make("/Users", written)
    assert {key: made[key] for key in written} == written
    assert "password" not in made


def test_a_password_is_published_as_one_that_nobody_sets_or_reads(scim: ScimClient):
    """Clients that make their classes of what is published break where it lacks."""
    schema = scim.get(f"/Schemas/{quote(USER, safe='')}")
    (told,) = [attribute for attribute in schema["attributes"] if attribute["name"] == "password"]
    assert (told["mutability"], told["returned"]) == ("readOnly", "never")
    made = scim.user("a", password="Secret-1")
    status, _ = scim.patch(f"/Users/{made['id']}", {"op": "replace", "value": {"password": "Secret-2", "title": "x"}})
    assert status in (200, 204)
    assert "Secret" not in json.dumps(scim.get(f"/Users/{made['id']}?attributes=password,title"))
    assert scim.get(f"/Users/{made['id']}")["title"] == "x"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/Me", 501),
        ("GET", "/Nothing", 404),
        ("GET", "/Users/a/b", 404),
        ("PATCH", "/Users", 405),
        ("DELETE", "/Schemas", 405),
        ("PUT", "/ServiceProviderConfig", 405),
    ],
)
def test_what_is_not_served_is_refused_in_words_of_scim(scim: ScimClient, method: str, path: str, status: int):
    answer = scim.send(method, path)
    assert (answer.status_code, answer["Content-Type"], answer.json()["status"]) == (status, CONTENT, str(status))


def bulk(scim: ScimClient, *operations: dict, **more: object) -> list[dict]:
    status, told = scim.call("POST", "/Bulk", {"Operations": list(operations), **more})
    assert status == 200, told
    return told["Operations"]


def test_a_bulk_makes_and_names_what_it_makes(scim: ScimClient):
    group = {
        "method": "POST",
        "path": "/Groups",
        "bulkId": "g",
        "data": {"displayName": "Crew", "members": [{"value": "bulkId:u"}]},
    }
    user = {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"userName": "ann"}}
    made, grouped = bulk(scim, group, user)  # the group names who is made after it
    assert ([made["bulkId"], made["status"]], [grouped["bulkId"], grouped["status"]]) == (["u", "201"], ["g", "201"])
    shown = scim.get(f"/Groups/{grouped['location'].rpartition('/')[2]}")
    assert shown["members"][0]["value"] == made["location"].rpartition("/")[2]
    assert grouped["version"] == shown["meta"]["version"]
    place = f"/Users/{shown['members'][0]['value']}"
    patch = {"Operations": [{"op": "replace", "path": "title", "value": "x"}]}
    answers = bulk(
        scim,
        {"method": "PATCH", "path": place, "data": patch, "version": 'W/"99"'},
        {"method": "PATCH", "path": place, "data": patch},
        {"method": "DELETE", "path": place},
    )
    assert [each["status"] for each in answers] == ["412", "200", "204"]


def test_one_that_fails_undoes_no_other_and_may_end_it(scim: ScimClient):
    operations = [{"method": "POST", "path": "/Users", "data": {"userName": name}} for name in ("a", "a", "b")]
    assert [each["status"] for each in bulk(scim, *operations, failOnErrors=1)] == ["201", "409"]
    answers = bulk(scim, *operations)
    assert [each["status"] for each in answers] == ["409", "409", "201"]
    assert answers[0]["response"]["scimType"] == "uniqueness"
    assert scim.get("/Users?count=0")["totalResults"] == 2


def test_a_bulk_that_cannot_be_read_does_nothing(scim: ScimClient):
    wrong = [
        {"Operations": "x"},
        {"Operations": [1]},
        {"Operations": [{"method": "GET", "path": "/Users"}]},
        {"Operations": [{"method": "POST", "path": "/Users/x", "data": {}}]},
        {"Operations": [{"method": "DELETE", "path": "/Users"}]},
        {"Operations": [{"method": "POST", "path": "/../../../acme/groups", "data": {}}]},
        {"Operations": [{"method": "POST", "path": "/Users?x=1", "data": {}}]},
        {"Operations": [], "failOnErrors": "x"},
    ]
    assert [scim.call("POST", "/Bulk", body)[0] for body in wrong] == [400] * len(wrong)
    many = [{"method": "DELETE", "path": "/Users/x"}] * 1_001
    assert scim.call("POST", "/Bulk", {"Operations": many})[0] == 413
    answers = bulk(scim, {"method": "PUT", "path": "/Users/bulkId:gone", "data": {"userName": "x"}})
    assert (answers[0]["status"], json.dumps(answers[0]["response"]).count("bulkId")) == ("400", 1)
