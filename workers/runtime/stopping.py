"""How a running task learns that it must stop, and why."""

from __future__ import annotations

import contextlib
import enum
import threading
import time
from collections.abc import Callable


class Why(enum.Enum):
    """What stopped a task."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    GONE = "gone"
    """Its lease is no longer ours: whatever it still does must not be recorded."""
    DRAINED = "drained"
    """The worker stops and hands the job back."""


class Stop:
    """A switch that is turned once. Callbacks run in the thread that turns it, or at once when it already is."""

    __slots__ = ("_callbacks", "_event", "_lock", "why")

    def __init__(self) -> None:
        self._event = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], object]] = []
        self.why: Why | None = None

    def turn(self, why: Why) -> bool:
        """Stop the task; False when it was stopped before."""
        with self._lock:
            if self.why is not None:
                return False
            self.why = why
            callbacks, self._callbacks = self._callbacks, []
        self._event.set()
        for callback in callbacks:
            _quietly(callback)
        return True

    def on_turn(self, callback: Callable[[], object]) -> None:
        with self._lock:
            if self.why is None:
                self._callbacks.append(callback)
                return
        _quietly(callback)

    @property
    def is_turned(self) -> bool:
        return self.why is not None

    def wait(self, seconds: float, deadline: float | None = None) -> bool:
        """Sleep at most that long; True when stopped or when the deadline (monotonic) has passed."""
        if deadline is not None:
            seconds = min(seconds, deadline - time.monotonic())
        if seconds > 0:
            self._event.wait(seconds)
        return self.is_turned or (deadline is not None and time.monotonic() >= deadline)


def _quietly(callback: Callable[[], object]) -> None:
    """A callback that fails must not keep the others from running; the task ends anyway."""
    with contextlib.suppress(Exception):
        callback()
