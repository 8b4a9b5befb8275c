"""What the supervisor needs to know of something that it keeps running."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path


def nothing() -> None:
    """The step that a service does not have."""


@dataclass(frozen=True)
class Service:
    """Started by `prepare`, `command`, `is_ready`, `provision` in this order, at each restart again.

    All run in a thread and may block. `secret` reaches the process through a pipe, whose number stands in place
    of `{fd}` in the command, because arguments and environments can be read by others.
    """

    name: str
    command: Callable[[], list[str]]
    environment: Callable[[], Mapping[str, str]]
    is_ready: Callable[[], bool]
    prepare: Callable[[], None] = nothing
    provision: Callable[[], None] = nothing
    secret: Callable[[], str] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 15
    # Where its output goes instead of the terminal.
    log: Path | None = None
    # Whether it runs once, to its end, before the next one starts.
    once: bool = False
