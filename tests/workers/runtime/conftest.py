"""A control plane and workers that serve it."""

import threading
from collections.abc import Callable, Iterator

import pytest

from tests.workers.runtime.control_plane import FakeControlPlane, control_plane
from workers.runtime.worker import Settings, Worker


@pytest.fixture
def plane() -> Iterator[FakeControlPlane]:
    with control_plane() as fake:
        yield fake


@pytest.fixture
def start(plane: FakeControlPlane, tmp_path) -> Iterator[Callable[..., Worker]]:
    """Starts workers; whatever still runs at the end is stopped."""
    started: list[tuple[Worker, threading.Thread]] = []

    def begin(**over) -> Worker:
        settings = {"url": plane.url, "token": "group-token", "slots": 4, "drain_seconds": 5.0, "directory": tmp_path}
        worker = Worker(Settings(**{**settings, **over}))
        thread = threading.Thread(target=worker.run, daemon=True)
        thread.start()
        started.append((worker, thread))
        return worker

    tmp_path.chmod(0o711)
    yield begin
    for worker, _ in started:
        worker.abandon()
    for _, thread in started:
        thread.join(15)
        assert not thread.is_alive(), "a worker did not end"
