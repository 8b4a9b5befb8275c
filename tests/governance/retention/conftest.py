"""A cast of two tenants whose storage is empty."""

from __future__ import annotations

import pytest

from stores.storage.keys import tenant_prefix
from stores.storage.place import storage
from tests.cast import ACME, GLOBEX, Cast, make_cast


@pytest.fixture
def people() -> Cast:
    made = make_cast()
    for tenant in (ACME, GLOBEX):
        storage().delete_prefix(tenant_prefix(tenant))
    return made
