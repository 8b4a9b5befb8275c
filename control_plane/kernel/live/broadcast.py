"""Walks the watchers of one resource: at once after a silence, then now and then with all that has come."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Protocol

logger = logging.getLogger(__name__)

SLICE = 25
"""Watchers in one go; between two slices the loop, and whoever waits for the interpreter, has its turn.

A pause between them would be more polite and cost twice the processor time: what is written in one run stays in caches.
"""
FIRST_SECONDS = 0.01
SECONDS_PER_WATCHER = 0.0002
MOST_SECONDS = 0.05


class Watcher(Protocol):
    """Told by `catch_up`, which never waits, that there may be changes."""

    def catch_up(self) -> None: ...


class Clock(Protocol):
    """The part of an event loop that a broadcast uses; tests replace it."""

    def time(self) -> float: ...
    def call_at(self, when: float, callback: Callable[..., Any], *args: Any) -> Any: ...
    def call_soon(self, callback: Callable[..., Any], *args: Any) -> Any: ...


def pace_of(watchers: int) -> float:
    """Seconds between two passes: more watchers wait longer, so that many cost hardly more than few."""
    return min(MOST_SECONDS, FIRST_SECONDS + watchers * SECONDS_PER_WATCHER)


class Broadcast:
    """A pass over the watchers is a chain of callbacks, not a task: it costs nothing while nothing changes."""

    def __init__(self, clock: Clock, before: Callable[[], None] | None = None) -> None:
        self._clock = clock
        self._before = before
        self._watchers: dict[Watcher, None] = {}
        self._is_due = False
        self._next = 0.0

    def __len__(self) -> int:
        return len(self._watchers)

    def add(self, watcher: Watcher) -> None:
        self._watchers[watcher] = None

    def discard(self, watcher: Watcher) -> None:
        self._watchers.pop(watcher, None)

    def ring(self) -> None:
        """Say that there are changes; watchers are told in the next pass."""
        if self._is_due:
            return
        self._is_due = True
        if self._clock.time() < self._next:
            self._clock.call_at(self._next, self._start)
        else:
            self._clock.call_soon(self._start)

    def _start(self) -> None:
        self._is_due = False
        self._next = self._clock.time() + pace_of(len(self._watchers))
        if self._before is not None:
            self._before()
        self._walk(tuple(self._watchers), 0)

    def _walk(self, watchers: tuple[Watcher, ...], place: int) -> None:
        """An error of one watcher does not keep changes from the others."""
        here = self._watchers
        for watcher in watchers[place : place + SLICE]:
            try:
                if watcher in here:
                    watcher.catch_up()
            except Exception:
                logger.exception("a watcher could not be told")
        if place + SLICE < len(watchers):
            self._clock.call_soon(self._walk, watchers, place + SLICE)
