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
    """An entry that covers the numbers `first` to `last` of its resource."""

    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...
    @property
    def size(self) -> int: ...


E = TypeVar("E", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bounded in entries and bytes for all watchers together; one behind its oldest entry reads the state again."""

    entries: int = MOST_ENTRIES
    size: int = MOST_BYTES
    early: int = MOST_EARLY


class Journal(Generic[E]):
    """Starts without a position: after reading the state, `rebase` sets the number from which changes continue it."""

    def __init__(self, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._entries: deque[E] = deque()
        self._early: dict[int, E] = {}
        self._size = 0
        self.end: int | None = None

    @property
    def has_gap(self) -> bool:
        """Whether an entry has arrived that leaves a gap after the ones held."""
        return self.end is not None and bool(self._early)

    def rebase(self, end: int) -> list[E]:
        """Continue from a state that holds everything up to `end`; returns the early entries that now follow it."""
        self._entries.clear()
        self._size = 0
        self.end = end
        return self._settle()

    def forget(self) -> None:
        """Drop the position after missed messages. Early entries stay: they may continue the state read next."""
        self._entries.clear()
        self._size = 0
        self.end = None

    def add(self, entry: E) -> list[E]:
        """Returns the entries that are in order now: none, this one, or this one and early ones after it."""
        if self.end is None or entry.first > self.end:
            self._early[entry.first] = entry
        if len(self._early) > self._bounds.early:
            self._early.clear()
            self.forget()
        return self._settle()

    def since(self, place: int) -> Sequence[E] | None:
        """The entries after number `place`, or None when the journal no longer holds them."""
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
