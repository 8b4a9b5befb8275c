"""Each test has a theatre of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.executions.live.audience import Theatre, playing


@pytest.fixture
async def theatre(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Theatre]:
    async with playing(monkeypatch) as built:
        yield built
