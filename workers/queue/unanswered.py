"""Groups whose ticket is on its way: until a worker answers it, one more wakes nobody."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable

PATIENCE_SECONDS = 0.02
"""A ticket may be lost, or be answered to another process: after so long the next one is sent."""


class Unanswered:
    """What this process knows of the tickets it has sent.

    A worker that answers a ticket looks at the queue afterwards, and finds what was committed before. If it takes as
    much as it can, whoever serves it calls another one, so one ticket at a time wakes as many workers as there is work
    for. `again` sends those that were held back and found no answer; a thread of its own calls it.
    """

    def __init__(self, again: Callable[[Counter[str]], None], patience: float = PATIENCE_SECONDS) -> None:
        self._again = again
        self._patience = patience
        self._changed = threading.Condition()
        self._sent: dict[str, float] = {}
        self._held_back: set[str] = set()
        self._thread: threading.Thread | None = None

    def due(self, wanted: Counter[str]) -> Counter[str]:
        """Those of the tickets that are to be sent now."""
        at, due = time.monotonic(), Counter[str]()
        with self._changed:
            for group, count in wanted.items():
                if at < self._sent.get(group, 0.0) + self._patience:
                    self._hold_back(group)
                else:
                    self._sent[group] = at
                    due[group] = count
        return due

    def answered(self, group: str) -> None:
        """A worker of the group is about to look at the queue."""
        with self._changed:
            self._sent.pop(group, None)
            self._held_back.discard(group)

    def _hold_back(self, group: str) -> None:
        self._held_back.add(group)
        self._changed.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="held-back tickets", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        while True:
            with self._changed:
                while not (late := self._late()):
                    self._changed.wait(self._until_next())
                self._held_back -= late
            self._again(Counter(late))

    def _late(self) -> set[str]:
        at = time.monotonic()
        return {group for group in self._held_back if at >= self._sent[group] + self._patience}

    def _until_next(self) -> float | None:
        """Seconds; None while nothing is held back."""
        ends = [self._sent[group] + self._patience for group in self._held_back]
        return max(0.0, min(ends) - time.monotonic()) if ends else None
