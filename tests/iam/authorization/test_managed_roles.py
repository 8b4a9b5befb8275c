"""What managed roles hold is written down version by version: none changes unseen."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from iam.authorization.catalogue import ASSIGNABLE, MANAGED, MANAGED_VERSIONS
from tests.architecture.rights_page import TOLD_OF_ROLES, tables, written
from tests.cast import ACME, make_cast

KEPT = Path(__file__).with_name("managed_roles.json")
Versions = dict[str, dict[str, dict[str, str]]]
"""By role and version, the actions by resource."""


def held(role: str) -> dict[str, str]:
    return {resource: " ".join(actions) for resource, actions in sorted(MANAGED[role].items())}


def kept() -> Versions:
    """With `WRITE_MANAGED_ROLES=1` a version that is not there yet is added; those that are there stay."""
    versions: Versions = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    if os.environ.get("WRITE_MANAGED_ROLES"):
        for role, version in MANAGED_VERSIONS.items():
            versions.setdefault(role, {}).setdefault(str(version), held(role))
        KEPT.write_text(json.dumps(versions, indent=1) + "\n")
    return versions


def test_each_managed_role_has_a_version():
    assert MANAGED_VERSIONS.keys() == MANAGED.keys() == TOLD_OF_ROLES.keys()
    assert {role: list(of_role) for role, of_role in kept().items()} == {
        role: [str(number) for number in range(1, version + 1)] for role, version in MANAGED_VERSIONS.items()
    }


@pytest.mark.parametrize("role", MANAGED)
def test_what_it_holds_is_that_of_its_version(role: str):
    """Raise its number in the catalogue, then run this with `WRITE_MANAGED_ROLES=1`."""
    assert kept()[role][str(MANAGED_VERSIONS[role])] == held(role)


def test_the_page_for_readers_says_what_is_so():
    """`python -m tests.architecture.rights_page` makes its tables again."""
    assert written() == tables()


def test_no_managed_role_holds_what_a_role_cannot():
    for role, permissions in MANAGED.items():
        for resource, actions in permissions.items():
            assert set(actions) <= set(ASSIGNABLE[resource]), (role, resource)


@pytest.mark.django_db
def test_the_version_is_told_of_managed_roles_alone():
    client = make_cast().olga.client
    assert client.get(f"/api/v1/{ACME}/roles/viewer_{ACME}").json()["version"] == MANAGED_VERSIONS["Viewer"]
    copied = client.post(f"/api/v1/{ACME}/roles/viewer_{ACME}/copy", {"name": "x"}, content_type="application/json")
    assert "version" not in copied.json()
