"""A directory, and a provider, for the tests of signing in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.iam.sso.keycloak_peer import Keycloak, running_keycloak
from tests.iam.sso.ldap.slapd_peer import Place, Slapd, running_slapd


@pytest.fixture(scope="session")
def slapd() -> Iterator[Slapd]:
    with running_slapd() as server:
        yield server


@pytest.fixture
def place(slapd: Slapd) -> Place:
    return slapd.place()


@pytest.fixture(scope="session")
def keycloak() -> Iterator[Keycloak]:
    with running_keycloak() as server:
        yield server
