"""How often somebody may try something: a number at once, and so many more as time goes on."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from control_plane.kernel.words.errors import TooManyRequests

MOST_KEPT = 50_000


class Buckets:
    """A bucket of tokens for each key. Threads may share it; it counts for this process alone."""

    def __init__(self, *, size: int, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._size = size
        self._rate = per_minute / 60
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def look(self, key: Hashable, message: str) -> None:
        """Raise as `take` would, and take nothing."""
        with self._lock:
            self._refuse_empty(self._filled(key), message)

    def take(self, key: Hashable, message: str) -> None:
        """Take a token; TooManyRequests, saying when to come back, where none is left."""
        with self._lock:
            left = self._filled(key)
            self._refuse_empty(left, message)
            self._keep(key, left - 1)

    def give_back(self, key: Hashable) -> None:
        """What was tried succeeded, and so counts for nothing."""
        with self._lock:
            self._keep(key, min(self._size, self._filled(key) + 1))

    def _refuse_empty(self, left: float, message: str) -> None:
        if left < 1:
            raise TooManyRequests(message, retry_after=max(1, round((1 - left) / self._rate + 0.5)))

    def _filled(self, key: Hashable) -> float:
        left, at = self._left.get(key, (float(self._size), self._clock()))
        return min(self._size, left + (self._clock() - at) * self._rate)

    def _keep(self, key: Hashable, left: float) -> None:
        self._left[key] = (left, self._clock())
        self._left.move_to_end(key)
        if len(self._left) > MOST_KEPT:
            self._left.popitem(last=False)
