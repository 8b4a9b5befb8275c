"""A fresh context for each test."""

import pytest

from tests.plugins.tasks.memory import MemoryContext


@pytest.fixture
def ctx(tmp_path) -> MemoryContext:
    workdir = tmp_path / "work"
    workdir.mkdir()
    return MemoryContext(workdir)
