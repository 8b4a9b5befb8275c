"""A directory for the tests of signing in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.iam.sso.ldap.slapd_peer import Place, Slapd, running_slapd


@pytest.fixture(scope="session")
def slapd() -> Iterator[Slapd]:
    with running_slapd() as server:
        yield server


@pytest.fixture
def place(slapd: Slapd) -> Place:
    return slapd.place()
