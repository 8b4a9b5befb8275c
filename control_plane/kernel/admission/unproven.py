"""What strangers may have half-sent at one time: so many requests and so many bytes, and the oldest makes room."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Held:
    """One half-sent request: its time, which can be cut short, and the bytes that it has brought so far."""

    def __init__(self, time: asyncio.Timeout) -> None:
        self.size = 0
        self.is_dropped = False
        self._time = time

    def drop(self) -> None:
        self.is_dropped = True
        self._time.reschedule(0)


class Unproven:
    """Who is honest sends a request in one go and is never the oldest for long; who stalls makes room for the others.

    One event loop uses it, so nothing is locked.
    """

    def __init__(self, *, requests: int, size: int) -> None:
        self._most_requests = requests
        self._most_bytes = size
        self._held: dict[Held, None] = {}
        self._bytes = 0

    @contextmanager
    def holding(self, time: asyncio.Timeout) -> Iterator[Held]:
        """Count a request until the block ends. `time` runs out at once when it has to make room."""
        held = Held(time)
        self._held[held] = None
        self._make_room()
        try:
            yield held
        finally:
            self._forget(held)

    def grow(self, held: Held, size: int) -> None:
        """So many more bytes have come."""
        if held in self._held:
            held.size += size
            self._bytes += size
            self._make_room()

    def _make_room(self) -> None:
        while len(self._held) > self._most_requests or (self._bytes > self._most_bytes and len(self._held) > 1):
            oldest = next(iter(self._held))
            self._forget(oldest)
            oldest.drop()

    def _forget(self, held: Held) -> None:
        if held in self._held:
            del self._held[held]
            self._bytes -= held.size
