"""What goes wrong in a simulated world, and when: everything follows from one seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(slots=True)
class Faults:
    """Chances from 0 to 1 of each misfortune, and the longest delay of a message.

    `crashes`: a worker dies while it works and its lease runs out. `drains`: it hands a running job back. `duplicates`:
    a message arrives twice. `losses` of a ticket only cost time, so they are delays. Messages delayed differently
    overtake each other.
    """

    seed: int = 0
    crashes: float = 0.0
    drains: float = 0.0
    duplicates: float = 0.0
    longest_delay: timedelta = timedelta()
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)

    def delay(self) -> timedelta:
        if not self.longest_delay:
            return timedelta()
        return self.longest_delay * self.chance.random()

    def crashes_now(self) -> bool:
        return self.crashes > 0 and self.chance.random() < self.crashes

    def drains_now(self) -> bool:
        return self.drains > 0 and self.chance.random() < self.drains

    def duplicates_now(self) -> bool:
        return self.duplicates > 0 and self.chance.random() < self.duplicates
