"""Values that were read a moment ago, for as long as they may be used again."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from plugins.secrets.port import Place

MISSING_SECONDS = 5.0
"""How long it is remembered that there is no such secret, at most: one that was forgotten is about to be set."""

_Name = tuple[Place, str]


class Remembered:
    """The newest values by place and key, whatever its case; None stands for one that is not there."""

    def __init__(self, seconds: float, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._values: OrderedDict[_Name, tuple[str | None, float]] = OrderedDict()
        self._age = 0

    @property
    def age(self) -> int:
        """Moves when something is forgotten: what was asked before it must not be kept after it."""
        return self._age

    def find(self, place: Place, key: str) -> tuple[bool, str | None]:
        """Whether it is known, and what it is."""
        name = (place, key.upper())
        with self._lock:
            value, until = self._values.get(name, (None, 0.0))
            if self._clock() < until:
                return True, value
            self._values.pop(name, None)
            return False, None

    def keep(self, place: Place, key: str, value: str | None, age: int) -> None:
        seconds = self._seconds if value is not None else min(self._seconds, MISSING_SECONDS)
        if seconds <= 0:
            return
        with self._lock:
            if age != self._age:
                return
            self._values[place, key.upper()] = (value, self._clock() + seconds)
            self._values.move_to_end((place, key.upper()))
            while len(self._values) > self._most:
                self._values.popitem(last=False)

    def forget(self, place: Place, key: str) -> None:
        with self._lock:
            self._age += 1
            self._values.pop((place, key.upper()), None)
