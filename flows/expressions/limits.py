"""How much one rendering may use, and the account that is charged while it runs."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from flows.expressions.entries import Entry
from flows.expressions.errors import ExpressionLimitError

CLOCK_EVERY = 512


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one rendering, nested renderings included.

    `steps` counts work (loop bodies by their size, calls, walked values), `output_bytes` one text,
    `total_bytes` all texts that the rendering makes, `items` one computed list, `depth` nested macros,
    renderings and values, `renders` the attempts of one recursive rendering. `seconds` is processor time of
    the rendering thread: a busy machine must not make a good expression fail.
    """

    steps: int = 500_000
    output_bytes: int = 8 * 1024 * 1024
    total_bytes: int = 40 * 1024 * 1024
    items: int = 100_000
    depth: int = 128
    renders: int = 100
    seconds: float = 0.7


DEFAULT_LIMITS = Limits()


class Run:
    """The account of one rendering: every expensive thing charges it before or as it happens."""

    __slots__ = ("deadline", "depth", "limits", "made", "next_look", "steps")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.steps = 0
        self.next_look = min(CLOCK_EVERY, limits.steps + 1)
        self.made = 0
        self.depth = 0
        self.deadline = time.thread_time() + limits.seconds

    def step(self, weight: int = 1) -> None:
        self.steps += weight
        if self.steps >= self.next_look:
            self._look()

    def _look(self) -> None:
        self.next_look = self.steps + CLOCK_EVERY
        if self.steps > self.limits.steps:
            raise ExpressionLimitError(f"The expression needs more than {self.limits.steps} steps")
        if time.thread_time() > self.deadline:
            raise ExpressionLimitError(f"The expression takes longer than {self.limits.seconds:g} seconds")

    def work_through(self, length: int) -> None:
        """Charge work that looks at every character on its own."""
        self.step(1 + length // 8)

    def room_for(self, length: int, width: int = 1) -> None:
        """Refuse a text of that many characters before it is built."""
        size = length * width
        if size > self.limits.output_bytes:
            raise ExpressionLimitError(f"The expression makes a text of more than {self.limits.output_bytes} bytes")
        if self.made + size > self.limits.total_bytes:
            raise ExpressionLimitError(f"The expression makes more than {self.limits.total_bytes} bytes of text")

    def made_text(self, text: str) -> str:
        """Charge a text that was just made, and hand it on."""
        size = len(text) if text.isascii() else 4 * len(text)
        made = self.made + size
        # Written out, as every text of every rendering comes here.
        if size > self.limits.output_bytes or made > self.limits.total_bytes:
            self.room_for(size)
        self.made = made
        self.steps += 1 + size // 4096
        if self.steps >= self.next_look:
            self._look()
        return text

    def room_for_items(self, count: int) -> None:
        if count > self.limits.items:
            raise ExpressionLimitError(f"The expression makes a list of more than {self.limits.items} items")
        self.step(1 + count // 16)

    def one_more_item(self, count: int) -> None:
        """Charge the last of so many items of a list that grows one by one."""
        if count > self.limits.items:
            self.room_for_items(count)
        self.step()

    def enter(self, levels: int = 1) -> None:
        self.depth += levels
        if self.depth > self.limits.depth:
            raise ExpressionLimitError(f"The expression nests deeper than {self.limits.depth} levels")

    def leave(self, levels: int = 1) -> None:
        self.depth -= levels

    def measure(self, value: Any) -> int:
        """Walk a value, charge its size and refuse it when it is too deep; a shared part counts each time."""
        if type(value) not in _CONTAINERS:
            return 1
        count = 0
        level: list[Any] = [value]
        depth = 0
        while level:
            depth += 1
            if depth > self.limits.depth:
                raise ExpressionLimitError(f"A value nests deeper than {self.limits.depth} levels")
            below: list[Any] = []
            for each in level:
                parts = each.values() if isinstance(each, dict) else each
                count += len(parts)
                self.step(1 + len(parts) // 8)
                below.extend(part for part in parts if type(part) in _CONTAINERS)
            level = below
        return count


_CONTAINERS = (dict, list, tuple, set, frozenset, Entry)
