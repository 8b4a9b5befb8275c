"""Time in a simulated world: it stands still until the next thing is due."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta

Action = Callable[[], object]


class Clock:
    """What will happen, in order of time; at the same time, in the order it was planned."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._planned: list[tuple[datetime, int, Action]] = []
        self._count = 0

    def plan(self, due: datetime, action: Action) -> None:
        self._count += 1
        heapq.heappush(self._planned, (max(due, self.now), self._count, action))

    def after(self, wait: timedelta, action: Action) -> None:
        self.plan(self.now + wait, action)

    @property
    def next_due(self) -> datetime | None:
        return self._planned[0][0] if self._planned else None

    def clear(self) -> None:
        """Forget everything that was planned."""
        self._planned.clear()

    def step(self) -> bool:
        """Do the next thing; False when nothing is planned."""
        if not self._planned:
            return False
        self.now, _, action = heapq.heappop(self._planned)
        action()
        return True
