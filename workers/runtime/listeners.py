"""Jobs that wait for something to happen, for as long as it takes: each in a thread of its own, and none in a slot."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from workers.runtime.running import Running
from workers.runtime.stopping import Why

MOST = 256
"""Of one worker. A further one holds a slot, so that a worker with too many of them asks for less."""


class Listeners:
    def __init__(self, live: Callable[[Running], None], most: int = MOST) -> None:
        """`live` does a job and tells how it ended."""
        self._live = live
        self._most = most
        self._lock = threading.Lock()
        self._threads: dict[str, tuple[Running, threading.Thread]] = {}

    def take(self, running: Running) -> bool:
        """Begin it, unless there are too many."""
        with self._lock:
            if len(self._threads) >= self._most:
                return False
            running.is_apart = True
            thread = threading.Thread(target=self._run, args=(running,), name=f"listener-{running.key}", daemon=True)
            self._threads[running.key] = running, thread
        thread.start()
        return True

    def _run(self, running: Running) -> None:
        try:
            self._live(running)
        finally:
            with self._lock:
                self._threads.pop(running.key, None)

    def stop(self, seconds: float) -> list[Running]:
        """Stop all of them and wait at most that long; those that have not ended before."""
        with self._lock:
            found = list(self._threads.values())
        stopped = [running for running, _ in found if running.stop.turn(Why.DRAINED)]
        deadline = time.monotonic() + seconds
        for _, thread in found:
            thread.join(max(0.0, deadline - time.monotonic()))
        return stopped
