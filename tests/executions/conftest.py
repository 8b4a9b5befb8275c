"""A cast with two tenants."""

from __future__ import annotations

import pytest

from tests.cast import Cast, make_cast


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()
