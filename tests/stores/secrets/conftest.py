"""Another place for secrets than our own database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.stores.secrets.memory import MemoryBackend, memory


@pytest.fixture
def elsewhere() -> Iterator[type[MemoryBackend]]:
    with memory() as kind:
        yield kind
