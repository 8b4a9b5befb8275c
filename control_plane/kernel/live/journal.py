"""The latest numbered changes of one resource, in order and without a gap, for watchers who are at different places."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

MOST_ENTRIES = 2000
MOST_BYTES = 2 * 1024 * 1024
MOST_EARLY = 1000


class Numbered(Protocol):
    """Tells the numbers `first` to `last` of its resource."""

    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...
    @property
    def size(self) -> int: ...


E = TypeVar("E", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What it holds is bounded for all watchers together; who falls behind it reads the present state instead."""

    entries: int = MOST_ENTRIES
    size: int = MOST_BYTES
    early: int = MOST_EARLY


class Journal(Generic[E]):
    """Begins at no place: whoever reads the state says by `rebase` from where changes continue it."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._entries: deque[E] = deque()
        self._early: dict[int, E] = {}
        self._size = 0
        self.end: int | None = None

    @property
    def has_gap(self) -> bool:
        """Something has come that does not continue the rest."""
        return self.end is not None and bool(self._early)

    def rebase(self, end: int) -> list[E]:
        """Continue a state that holds everything up to `end`; returns what had come already."""
        self._entries.clear()
        self._size = 0
        self.end = end
        return self._settle()

    def forget(self) -> None:
        """Changes were missed. What came early may still continue the state that is read next."""
        self._entries.clear()
        self._size = 0
        self.end = None

    def add(self, entry: E) -> list[E]:
        """Returns what is in order now: nothing, the entry, or also those that had come before their turn."""
        if self.end is None or entry.first > self.end:
            self._early[entry.first] = entry
        if len(self._early) > self._bounds.early:
            self._early.clear()
            self.forget()
        return self._settle()

    def since(self, place: int) -> Sequence[E] | None:
        """What a watcher at `place` has not been told, or None when the journal cannot say."""
        if self.end is None:
            return None
        found: list[E] = []
        for entry in reversed(self._entries):
            if entry.last <= place:
                break
            found.append(entry)
        found.reverse()
        start = found[0].first if found else max(self.end, place) + 1
        return found if start == place + 1 else None

    def _settle(self) -> list[E]:
        fresh: list[E] = []
        if self.end is None or not self._early:
            return fresh
        while (entry := self._early.pop(self.end + 1, None)) is not None:
            fresh.append(entry)
            self._keep(entry)
        self._early = {number: early for number, early in self._early.items() if number > self.end}
        return fresh

    def _keep(self, entry: E) -> None:
        self._entries.append(entry)
        self._size += entry.size
        self.end = entry.last
        while len(self._entries) > self._bounds.entries or (self._size > self._bounds.size and len(self._entries) > 1):
            self._size -= self._entries.popleft().size
