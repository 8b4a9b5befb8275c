"""An engine for all tests of a session, and a context that knows it as the worker's own."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.plugins.runners.docker import engines


@contextmanager
def _folder() -> Iterator[Path]:
    """Short, as the path of a socket must be, and on a disk that layers can lie on."""
    folder = Path(tempfile.mkdtemp(prefix="engine-", dir="/var/tmp"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session", params=["docker", pytest.param("podman", marks=pytest.mark.nightly)])
def host(request: pytest.FixtureRequest) -> Iterator[str]:
    with _folder() as folder, getattr(engines, request.param)(folder) as address:
        yield address


@pytest.fixture
def engine(host: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """The worker's own engine; no container is left in it after a test."""
    monkeypatch.setenv("DOCKER_HOST", host)
    with engines.client(host) as client:
        yield client
        left = client.get("/containers/json", params={"all": "true"}).json()
        for each in left:
            client.delete(f"/containers/{each['Id']}", params={"force": "true"})
