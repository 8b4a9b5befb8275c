"""Each test has a audience of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.executions.live.audience import Audience, seated


@pytest.fixture
async def audience(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Audience]:
    async with seated(monkeypatch) as built:
        yield built
