"""The worker as a process of its own: what it closes to others, and how signals end it."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import threading
from types import FrameType
from typing import Any

from control_plane.kernel.config import Config
from plugins.catalog.registry import registry
from plugins.runners import sandbox
from plugins.runners.descendants import adopt_orphans
from plugins.runners.watchdog import watchdog
from workers.runtime.worker import Settings, Worker

_PR_SET_DUMPABLE = 4

log = logging.getLogger(__name__)


def run_worker(*, server: str, token: str, group: str | None = None, knobs: Config) -> int:
    """Serve a worker group until SIGTERM or SIGINT; a second one ends what runs. Returns the exit code."""
    close_to_others()
    sandbox.hide(knobs.data_dir)
    adopt_orphans()
    watchdog.start()
    # Found before the first job asks for them: looking for plugins takes a second.
    registry()
    worker = Worker(
        Settings(
            url=server,
            token=token,
            group=group,
            slots=knobs.worker.slots,
            drain_seconds=knobs.worker.drain_seconds,
            allow_private=knobs.egress.allow_private,
            allow_self=knobs.egress.allow_self,
            refused=knobs.egress.refused,
            local_paths=knobs.worker.local_paths,
            trusts_containers=knobs.worker.trusts_containers,
        )
    )
    obey_signals(worker)
    # Signals are handled between bytecodes of the main thread, which must not wait in a lock meanwhile.
    failures: list[BaseException] = []
    thread = threading.Thread(target=_run, args=(worker, failures), name="worker")
    thread.start()
    while thread.is_alive():
        thread.join(0.5)
    watchdog.close()
    if failures:
        log.error("the worker ended: %s", failures[0])
    return 1 if failures else 0


def _run(worker: Worker, failures: list[BaseException]) -> None:
    try:
        worker.run()
    except Exception as error:
        failures.append(error)


def close_to_others() -> None:
    """No other process of this user may read our memory, environment or open files, and no core is written."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def obey_signals(worker: Worker) -> None:
    """The first SIGTERM or SIGINT drains, the second stops what runs."""
    received: list[int] = []

    def on_signal(number: int, _frame: FrameType | None) -> Any:
        received.append(number)
        if len(received) == 1:
            log.info("draining: no new jobs, what runs may finish")
            worker.drain()
        elif len(received) == 2:
            worker.abandon()
        else:
            os._exit(1)

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
