"""A context for each test, in which a trigger looks; and a folder that its operator has opened to flows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugins.tasks.memory import MemoryContext


@pytest.fixture
def ctx(tmp_path: Path) -> MemoryContext:
    (tmp_path / "work").mkdir()
    return MemoryContext(tmp_path / "work")


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    made = tmp_path / "shared"
    made.mkdir()
    return made
