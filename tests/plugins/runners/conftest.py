"""A fresh context for each test, in a folder that another user id can reach, as the worker makes them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.reachable import reachable_folder
from tests.plugins.tasks.memory import MemoryContext


@pytest.fixture
def ctx() -> Iterator[MemoryContext]:
    with reachable_folder() as folder:
        workdir = folder / "work"
        workdir.mkdir()
        yield MemoryContext(workdir)


@pytest.fixture
def workdir(ctx: MemoryContext) -> Path:
    return ctx.workdir
