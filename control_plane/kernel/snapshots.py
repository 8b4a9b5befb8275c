"""What a process knows of rows of the instance that every request asks about: read again after a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

from control_plane.kernel.scope import may_read_instance

T = TypeVar("T")

SECONDS = 1.0
"""How long a change made by another process may stay unseen."""


class Snapshot(Generic[T]):
    """One thread reads at a time; the others go on with what is known. Where nothing can be read, so does everybody:
    whoever asks inside a look across tenants asks once before it, too."""

    def __init__(self, read: Callable[[], T], first: T, clock: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._clock = clock
        self._lock = Lock()
        self._known = first
        self._until = 0.0

    def current(self) -> T:
        if self._clock() < self._until or not may_read_instance():
            return self._known
        if not self._lock.acquire(blocking=self._until == 0.0):
            return self._known
        try:
            if self._clock() >= self._until:
                self._known = self._read()
                self._until = self._clock() + SECONDS
            return self._known
        finally:
            self._lock.release()

    def forget(self) -> None:
        """The next question reads: something was changed by this process."""
        self._until = 0.0
