"""A cast with two tenants, and a clock."""

from __future__ import annotations

import pytest

from tests.cast import Cast, make_cast
from tests.triggers.ground import Timed


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def timed() -> Timed:
    return Timed()
