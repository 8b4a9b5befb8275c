"""A control plane and workers that serve it."""

import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.workers.runtime.control_plane import FakeControlPlane, control_plane
from workers.runtime.worker import NoLongerAccepted, Settings, Worker


@pytest.fixture
def plane() -> Iterator[FakeControlPlane]:
    with control_plane() as fake:
        yield fake


@pytest.fixture
def start(plane: FakeControlPlane) -> Iterator[Callable[..., Worker]]:
    """Starts workers; whatever still runs at the end is stopped."""
    # Not below pytest's own folder: tasks run as other users, who may not enter it.
    directory = Path(tempfile.mkdtemp(prefix="orrery-test-"))
    directory.chmod(0o711)
    started: list[tuple[Worker, threading.Thread]] = []

    def begin(**over) -> Worker:
        settings = {"url": plane.url, "token": "group-token", "slots": 4, "drain_seconds": 5.0, "directory": directory}
        worker = Worker(Settings(**{**settings, **over}))
        thread = threading.Thread(target=_run, args=(worker,), daemon=True)
        thread.start()
        started.append((worker, thread))
        return worker

    yield begin
    for worker, _ in started:
        worker.abandon()
    for _, thread in started:
        thread.join(15)
        assert not thread.is_alive(), "a worker did not end"
    assert list(directory.iterdir()) == [], "a worker left files"
    directory.rmdir()


def _run(worker: Worker) -> None:
    with contextlib.suppress(NoLongerAccepted):
        worker.run()
