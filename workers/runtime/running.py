"""A job that a worker has claimed: what it was told to do, and what it has to report."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from plugins.contracts import LogLevel
from workers.runtime import protocol
from workers.runtime.journal import Journal
from workers.runtime.masking import Masker
from workers.runtime.stopping import Stop


@dataclass(slots=True)
class Running:
    """A job in hand: what it was told to do, and what it has to tell.

    `is_finished` is set once, when nothing more will be added; its end is told once, after its last line.
    """

    job: protocol.Job
    stop: Stop
    journal: Journal
    masker: Masker
    has_begun: bool = False
    is_apart: bool = False
    """It runs in a thread of its own and holds no slot."""
    is_start_told: bool = False
    is_finished: bool = False
    is_end_told: bool = False
    end: protocol.End | None = None
    values: dict[str, Any] | None = None
    _children: list[protocol.ChildEvent] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def key(self) -> str:
        return self.job.id

    def tell_child(self, event: protocol.ChildEvent) -> None:
        with self._lock:
            self._children.append(event)

    def take_children(self) -> list[protocol.ChildEvent]:
        """Events of children that were not taken yet."""
        with self._lock:
            taken, self._children = self._children, []
        return taken

    @property
    def has_child_events(self) -> bool:
        return bool(self._children)


def claimed_job(job: protocol.Job, on_change: Callable[[Running], None]) -> Running:
    """A job that was claimed and has not begun."""
    masker = Masker()
    masker.add(job.secrets)
    least = LogLevel.__members__.get(job.log_level or "")
    journal = Journal(masker, lambda: on_change(running), least)
    running = Running(job, Stop(), journal, masker)
    return running
