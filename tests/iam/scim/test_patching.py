"""PATCH on documents: each verb on each kind of attribute, by paths, parts and brackets."""

import pytest

from iam.scim.attributes import USER
from iam.scim.patching import operations_of, patched
from iam.scim.profiles import GENERIC, PROFILES
from iam.scim.refusals import ScimRefusal

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
WORK = {"type": "work", "value": "w@x", "primary": True}
HOME = {"type": "home", "value": "h@x"}
BEFORE = {
    "userName": "u",
    "active": True,
    "title": "t",
    "name": {"givenName": "G", "familyName": "F"},
    "emails": [WORK, HOME],
    ENTERPRISE: {"department": "D", "manager": {"value": "m"}},
}


def after(*operations: dict, client: str = "GENERIC", before: dict = BEFORE) -> dict:
    return patched(USER, before, operations_of(USER, {"Operations": list(operations)}, PROFILES[client]))


def changes(document: dict) -> dict:
    """What is not as it was; None for what is gone."""
    return {key: document.get(key) for key in BEFORE.keys() | document.keys() if document.get(key) != BEFORE.get(key)}


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        ({"op": "add", "path": "nickName", "value": "n"}, {"nickName": "n"}),
        ({"op": "add", "path": "NICKNAME", "value": "n"}, {"nickName": "n"}),
        ({"op": "replace", "path": "title", "value": "x"}, {"title": "x"}),
        ({"op": "replace", "path": f"{USER.schema}:title", "value": "x"}, {"title": "x"}),
        ({"op": "replace", "path": "title", "value": None}, {"title": None}),
        ({"op": "remove", "path": "title"}, {"title": None}),
        ({"op": "remove", "path": "nickName"}, {}),
        ({"op": "replace", "path": "active", "value": "False"}, {"active": False}),
        ({"op": "replace", "value": {"active": "false", "title": "x"}}, {"active": False, "title": "x"}),
        ({"op": "add", "path": "name.middleName", "value": "M"}, {"name": {**BEFORE["name"], "middleName": "M"}}),
        (
            {"op": "replace", "path": "name", "value": {"givenName": "X"}},
            {"name": {**BEFORE["name"], "givenName": "X"}},
        ),
        ({"op": "remove", "path": "name.givenName"}, {"name": {"familyName": "F"}}),
        ({"op": "remove", "path": "name"}, {"name": None}),
        ({"op": "add", "path": "emails", "value": [{"value": "n@x"}]}, {"emails": [WORK, HOME, {"value": "n@x"}]}),
        ({"op": "add", "path": "emails", "value": HOME}, {}),
        ({"op": "add", "path": "emails", "value": "n@x"}, {"emails": [WORK, HOME, {"value": "n@x"}]}),
        (
            {"op": "add", "path": "emails", "value": [{"value": "n@x", "primary": True}]},
            {"emails": [{**WORK, "primary": False}, HOME, {"value": "n@x", "primary": True}]},
        ),
        ({"op": "replace", "path": "emails", "value": [HOME]}, {"emails": [HOME]}),
        ({"op": "remove", "path": "emails"}, {"emails": None}),
        ({"op": "remove", "path": "emails", "value": [{"value": "h@x"}]}, {"emails": [WORK]}),
        ({"op": "remove", "path": 'emails[type eq "HOME"]'}, {"emails": [WORK]}),
        ({"op": "remove", "path": 'emails[type eq "other"]'}, {}),
        ({"op": "remove", "path": 'emails[value sw "h" or value sw "w"]'}, {"emails": None}),
        (
            {"op": "remove", "path": 'emails[type eq "work"].primary'},
            {"emails": [{"type": "work", "value": "w@x"}, HOME]},
        ),
        (
            {"op": "replace", "path": 'emails[type eq "work"].value', "value": "x@x"},
            {"emails": [{**WORK, "value": "x@x"}, HOME]},
        ),
        (
            {"op": "replace", "path": "emails[primary eq true].type", "value": "other"},
            {"emails": [{**WORK, "type": "other"}, HOME]},
        ),
        (
            {"op": "replace", "path": 'emails[type eq "home"].primary', "value": True},
            {"emails": [{**WORK, "primary": False}, {**HOME, "primary": True}]},
        ),
        (
            {"op": "replace", "path": 'emails[type eq "home"]', "value": {"display": "d"}},
            {"emails": [WORK, {**HOME, "display": "d"}]},
        ),
        (
            {"op": "add", "path": 'emails[type eq "other"].value', "value": "o@x"},
            {"emails": [WORK, HOME, {"type": "other", "value": "o@x"}]},
        ),
        (
            {"op": "Replace", "path": 'emails[type eq "other"].value', "value": "o@x"},
            {"emails": [WORK, HOME, {"type": "other", "value": "o@x"}]},
        ),
        (
            {"op": "replace", "path": "emails.display", "value": "d"},
            {"emails": [{**WORK, "display": "d"}, {**HOME, "display": "d"}]},
        ),
        ({"op": "add", "path": "phoneNumbers.value", "value": "1"}, {"phoneNumbers": [{"value": "1"}]}),
        (
            {"op": "add", "path": f"{ENTERPRISE}:division", "value": "x"},
            {ENTERPRISE: {**BEFORE[ENTERPRISE], "division": "x"}},
        ),
        (
            {"op": "add", "path": f"{ENTERPRISE}:manager", "value": "n"},
            {ENTERPRISE: {**BEFORE[ENTERPRISE], "manager": {"value": "n"}}},
        ),
        ({"op": "remove", "path": f"{ENTERPRISE}:manager.value"}, {ENTERPRISE: {"department": "D"}}),
        ({"op": "remove", "path": f'{ENTERPRISE}:manager[value eq "m"]'}, {ENTERPRISE: {"department": "D"}}),
        ({"op": "remove", "path": ENTERPRISE}, {ENTERPRISE: None}),
        ({"op": "replace", "path": ENTERPRISE, "value": {"division": "x"}}, {ENTERPRISE: {"division": "x"}}),
        (
            {"op": "add", "value": {ENTERPRISE: {"division": "x"}}},
            {ENTERPRISE: {**BEFORE[ENTERPRISE], "division": "x"}},
        ),
        (
            {"op": "add", "value": {f"{ENTERPRISE}:division": "x"}},
            {ENTERPRISE: {**BEFORE[ENTERPRISE], "division": "x"}},
        ),
        (
            {"op": "add", "value": {"name.middleName": "M", "unknown": 1, "id": "x"}},
            {"name": {**BEFORE["name"], "middleName": "M"}},
        ),
        ({"op": "add", "value": {'emails[type eq "work"].display': "d"}}, {"emails": [{**WORK, "display": "d"}, HOME]}),
    ],
)
def test_an_operation_changes_what_it_says_and_nothing_else(operation: dict, changed: dict):
    assert changes(after(operation)) == changed


def test_the_document_before_stays_what_it_was():
    kept = repr(BEFORE)
    after({"op": "replace", "path": 'emails[type eq "work"].value', "value": "x@x"}, {"op": "remove", "path": "name"})
    assert repr(BEFORE) == kept


def test_only_entra_makes_what_a_replace_does_not_find():
    operation = {"op": "replace", "path": 'emails[type eq "other"].value', "value": "o@x"}
    assert len(after(operation, client="ENTRA")["emails"]) == 3
    with pytest.raises(ScimRefusal) as refused:
        after(operation, client="OKTA")
    assert refused.value.scim_type == "noTarget"


@pytest.mark.parametrize(
    ("operation", "scim_type"),
    [
        ({"op": "remove"}, "noTarget"),
        ({"op": "move", "path": "title"}, "invalidSyntax"),
        ({"op": 1, "path": "title"}, "invalidSyntax"),
        ({"op": "add", "value": "x"}, "invalidValue"),
        ({"op": "add", "path": 1, "value": "x"}, "invalidPath"),
        ({"op": "add", "path": "shoeSize", "value": "x"}, "invalidPath"),
        ({"op": "add", "path": "name.shoe", "value": "x"}, "invalidPath"),
        ({"op": "add", "path": "emails[", "value": "x"}, "invalidPath"),
        ({"op": "add", "path": 'emails[type eq "a"', "value": "x"}, "invalidPath"),
        ({"op": "add", "path": 'emails[emails[type eq "a"]]', "value": "x"}, "invalidPath"),
        ({"op": "add", "path": 'title[value eq "a"]', "value": "x"}, "invalidPath"),
        ({"op": "add", "path": "urn:x:y:title", "value": "x"}, "invalidPath"),
        ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
        ({"op": "replace", "path": "meta.created", "value": "x"}, "mutability"),
        ({"op": "replace", "path": "groups", "value": []}, "mutability"),
        ({"op": "remove", "path": "userName"}, "mutability"),
        ({"op": "replace", "path": "userName", "value": None}, "invalidValue"),
        ({"op": "replace", "path": "userName", "value": ""}, "invalidValue"),
        ({"op": "replace", "path": "title", "value": 5}, "invalidValue"),
        ({"op": "replace", "path": "title", "value": ["x"]}, "invalidValue"),
        ({"op": "replace", "path": "active", "value": "maybe"}, "invalidValue"),
        ({"op": "replace", "path": "active", "value": 0}, "invalidValue"),
        ({"op": "replace", "path": "name", "value": "x"}, "invalidValue"),
        ({"op": "replace", "path": "emails", "value": [5]}, "invalidValue"),
        ({"op": "replace", "path": "emails", "value": [{"value": {"a": 1}}]}, "invalidValue"),
        ({"op": "add", "path": 'emails[type co "a"].value', "value": "x"}, "invalidPath"),
        ({"op": "add", "path": ENTERPRISE, "value": "x"}, "invalidValue"),
    ],
)
def test_what_cannot_be_is_refused_in_its_words(operation: dict, scim_type: str):
    with pytest.raises(ScimRefusal) as refused:
        after(operation)
    assert refused.value.scim_type == scim_type


def test_a_body_without_operations_is_refused():
    for body in ({}, {"Operations": []}, {"Operations": "x"}, [], None, {"Operations": [1]}):
        with pytest.raises(ScimRefusal):
            operations_of(USER, body, GENERIC)
