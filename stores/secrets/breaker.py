"""Whether it is worth asking a place again that has just failed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from plugins.secrets.port import BackendAway, BackendBusy, BackendFailed

FAILURES = 3
"""In a row; then nothing is asked for a while."""
REST_SECONDS = 10.0
LONGEST_REST = 60.0
"""However long the other side asks us to wait."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a place did when it was asked last: `ok`, `failing`, or `unknown` before it was asked."""

    state: str
    message: str | None = None


class Breaker:
    """Counts failures that may pass. While it is open the same error comes back at once, without a request.

    After a rest one request is let through; it decides whether all the others are.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_until_asked = 0.0
        self._error: BackendFailed | None = None
        self._was_asked = False

    def check(self) -> None:
        """Raises the last error again while nothing is to be asked."""
        with self._lock:
            if self._clock() < self._closed_until_asked and self._error is not None:
                left = self._closed_until_asked - self._clock()
                raise BackendAway(f"{self._error.message}; it is asked again in {left:.0f} s")
            if self._failures >= FAILURES:
                # This request is the one that finds out; the others wait for what it finds.
                self._closed_until_asked = self._clock() + REST_SECONDS

    def went_well(self) -> None:
        with self._lock:
            self._failures, self._closed_until_asked, self._error = 0, 0.0, None
            self._was_asked = True

    def failed(self, error: BackendFailed) -> None:
        with self._lock:
            self._was_asked, self._error = True, error
            if not isinstance(error, BackendAway):
                self._failures = 0
                return
            self._failures += 1
            if isinstance(error, BackendBusy) and error.retry_after is not None:
                self._closed_until_asked = self._clock() + min(error.retry_after, LONGEST_REST)
            elif self._failures >= FAILURES:
                self._closed_until_asked = self._clock() + REST_SECONDS

    @property
    def standing(self) -> Standing:
        with self._lock:
            if not self._was_asked:
                return Standing("unknown")
            return Standing("failing", self._error.message) if self._error else Standing("ok")
