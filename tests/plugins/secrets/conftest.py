"""One place after the other for the suite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.plugins.secrets.places import Opened

PLACES = ("built-in",)


@pytest.fixture(params=PLACES)
def opened(request: pytest.FixtureRequest) -> Iterator[Opened]:
    name = request.param.replace("-", "_").replace(" ", "_")
    found: Opened = request.getfixturevalue(f"{name}_place")
    yield found
    found.backend.close()


@pytest.fixture
def built_in_place(db: None) -> Opened:
    from tests.plugins.secrets.scoped import ScopedBuiltIn

    return Opened(ScopedBuiltIn(), ScopedBuiltIn, is_in_one_thread=True)
