"""What an attempt has to tell: its log lines and its metrics, until the next report takes them along."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal

from plugins.contracts import LogLevel
from workers.runtime import protocol
from workers.runtime.masking import Masker
from workers.runtime.text import readable

MAX_MESSAGE_CHARS = 32 * 1024
MAX_WAITING_BYTES = 4 * 1024 * 1024
"""A task that prints faster than its lines are taken is held up once this much waits."""
MAX_METRICS = 1000
"""Different metrics of one attempt; further ones are left out."""
_HOLD_UP_SECONDS = 30.0
Kind = Literal["counter", "timer", "gauge"]


def timestamp() -> str:
    """Now, as ISO-8601 in UTC with microseconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Journal:
    """Lines in order, numbered without a gap, secrets masked; metrics of the same name and tags added up."""

    def __init__(self, masker: Masker, on_change: Callable[[], None], least: LogLevel | None = None) -> None:
        self._masker = masker
        self._on_change = on_change
        self._least = least.rank if least else 0
        self._lines: list[protocol.LogLine] = []
        self._waiting = 0
        self._next = 0
        self._metrics: dict[tuple[str, str, tuple[tuple[str, str], ...]], protocol.Metric] = {}
        self._room = threading.Condition()
        self._is_closed = False

    def log(self, level: LogLevel, message: str, task_run_id: str | None = None) -> None:
        """Add a line. Waits while too much is waiting to be reported, unless nobody takes it."""
        text = self.text_of(level, message)
        if text is None:
            return
        with self._room:
            if not self._has_room() or self._is_closed:
                return
            line = protocol.LogLine(
                timestamp=timestamp(), level=level.value, message=text, n=self._next, task_run_id=task_run_id
            )
            self._next += 1
            self._lines.append(line)
            self._waiting += _weight(line)
            is_first = len(self._lines) == 1
        if is_first:
            self._on_change()

    def text_of(self, level: LogLevel, message: str) -> str | None:
        """A message as it is logged; None when its level is too low for the task."""
        if level.rank < self._least:
            return None
        text = self._masker.mask(message.replace("\x00", "\ufffd"))
        if len(text) > MAX_MESSAGE_CHARS:
            text = f"{text[:MAX_MESSAGE_CHARS]}... ({len(text) - MAX_MESSAGE_CHARS} more characters)"
        return readable(text)

    def _has_room(self) -> bool:
        """Hold the task up while too much waits; a line nobody takes within the time is dropped."""
        if self._waiting <= MAX_WAITING_BYTES:
            return True
        self._on_change()
        return self._room.wait_for(lambda: self._waiting <= MAX_WAITING_BYTES or self._is_closed, _HOLD_UP_SECONDS)

    def measure(self, kind: Kind, name: str, value: float, tags: Mapping[str, str], task_run_id: str | None) -> None:
        """Add to a metric, or set a gauge. What is no finite number is left out: nobody could add to it."""
        if not math.isfinite(value):
            return
        name = self._shown(name)
        plain = tuple(sorted((self._shown(key), self._shown(tag)) for key, tag in tags.items()))
        key = (kind, name, (*plain, ("", task_run_id or "")))
        with self._room:
            known = self._metrics.get(key)
            if known is not None:
                known.value = value if kind == "gauge" else known.value + value
            elif len(self._metrics) < MAX_METRICS:
                self._metrics[key] = protocol.Metric(
                    type=kind,
                    name=name[:256],
                    value=value,
                    tags=dict(plain),
                    timestamp=timestamp(),
                    task_run_id=task_run_id,
                )

    def _shown(self, text: object) -> str:
        return readable(self._masker.mask(str(text)))

    def take_lines(self, budget: int) -> list[protocol.LogLine]:
        """The oldest lines that were not taken yet, as many as fit into so many bytes; at least one."""
        with self._room:
            count, size = 0, 0
            for line in self._lines:
                size += _weight(line)
                if count and size > budget:
                    size -= _weight(line)
                    break
                count += 1
            lines, self._lines = self._lines[:count], self._lines[count:]
            self._waiting -= size
            self._room.notify_all()
        return lines

    def take_metrics(self) -> list[protocol.Metric]:
        """All metrics: asked for once, at the end of the attempt."""
        with self._room:
            metrics, self._metrics = list(self._metrics.values()), {}
        return metrics

    def close(self) -> None:
        """The attempt is over: later lines are dropped, and nobody waits any more."""
        with self._room:
            self._is_closed = True
            self._room.notify_all()

    @property
    def has_lines(self) -> bool:
        return bool(self._lines)


def _weight(line: protocol.LogLine) -> int:
    """About the bytes a line takes in a report."""
    return len(line.message) + 128
