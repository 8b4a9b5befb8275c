"""What would follow from claims, from an entry of a directory, and from a body of SCIM: rule by rule, and nothing done."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.scope import tenant_scope
from iam.models import Group
from iam.services.identity_providers import ProviderWish, create_identity_provider
from tests.cast import ACME, Cast, make_cast
from tests.iam.sso.test_sign_in import make_group

pytestmark = pytest.mark.django_db
RULES = [
    {"value": "platform", "group": "Engineers"},
    {"claim": "departmentNumber", "match": "any", "group": "Department {value}"},
]
ENTRY = """# extended LDIF
dn: uid=ada,ou=people,dc=acme,dc=test
uid: ada
departmentNumber: 42
memberOf: cn=platform,ou=groups,
 dc=acme,dc=test
memberOf: CN=Research\\, Berlin,OU=Groups,DC=acme
displayName:: {name}
""".replace("{name}", base64.b64encode("Ada Łove".encode()).decode())


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def simulate(cast: Cast, **body: Any) -> Any:
    settings = {"url": "ldaps://ldap.acme.test", "userBase": "dc=acme,dc=test"}
    wish = ProviderWish("own", kind="LDAP", settings=settings, rules=RULES)
    provider = create_identity_provider(Context(SYSTEM, ACME), wish=wish)
    path = f"/api/v1/{ACME}/identity-providers/{provider.id}/simulate"
    return cast.olga.client.post(path, json.dumps(body), content_type="application/json")


def given(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200, response.content
    (tenant,) = response.json()["tenants"]
    return {group["name"]: [role["name"] for role in group["roles"]] for group in tenant["groups"]}


def test_an_entry_of_a_directory_is_pasted_as_it_is_shown(cast: Cast):
    make_group("Engineers", "Editor")
    shown = simulate(cast, entry=ENTRY)
    assert given(shown) == {"Department 42": [], "Engineers": ["Editor"]}
    first, second = shown.json()["rules"]
    assert first["seen"] == ["Research, Berlin", "platform"] and second["matched"] == ["42"]
    with tenant_scope(ACME):
        assert set(Group.objects.values_list("name", flat=True)) == {"Engineers"}


def test_claims_give_the_same(cast: Cast):
    make_group("Engineers", "Editor")
    assert given(simulate(cast, claims={"groups": ["platform"]})) == {"Engineers": ["Editor"]}


@pytest.mark.parametrize(
    "body",
    [
        {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Engineers"},
        {"displayName": "Engineers", "members": [{"value": "1"}]},
        {"userName": "ada", "groups": [{"value": "x", "display": "Engineers"}]},
    ],
    ids=["a group", "a group without its schema", "a user"],
)
def test_a_body_of_scim_shows_what_its_groups_give(cast: Cast, body: dict[str, Any]):
    make_group("Engineers", "Editor")
    assert given(simulate(cast, scim=body)) == {"Engineers": ["Editor"]}


@pytest.mark.parametrize(
    "body",
    [
        {"entry": "nonsense"},
        {"entry": "photo:: ****"},
        {"entry": ": x"},
        {"scim": {"displayName": 7, "members": []}},
        {"scim": {"groups": "x"}},
        {"claims": []},
    ],
    ids=str,
)
def test_what_is_none_of_them_is_refused(cast: Cast, body: dict[str, Any]):
    assert simulate(cast, **body).status_code == 422
