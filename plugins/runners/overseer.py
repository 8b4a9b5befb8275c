"""What no limit of a single process holds: memory and disk that all processes of a task use together."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from plugins.runners.limits import Limits

EVERY_SECONDS = 0.5
_SHARE = 20
"""A look that takes long is taken less often: at most a twentieth of the time goes into looking."""
_ENTRY_BYTES = 512
"""What a name costs, at least: files without content fill a disk too."""


class Overseer:
    """Asked again and again while a task runs; says what it used too much of."""

    def __init__(self, limits: Limits, folders: Iterable[Path], processes: Callable[[], Iterable[int]]) -> None:
        self._limits = limits
        self._folders = tuple(folders)
        self._processes = processes
        self._next = time.monotonic() + EVERY_SECONDS if limits.memory or limits.disk else None

    @property
    def next_look(self) -> float | None:
        """When, on the monotonic clock; None when there is nothing to look at."""
        return self._next

    def exceeded(self) -> str | None:
        """A sentence, once more is used than allowed. Between two looks it says nothing."""
        began = time.monotonic()
        if self._next is None or began < self._next:
            return None
        found = self._look()
        ended = time.monotonic()
        self._next = ended + max(EVERY_SECONDS, _SHARE * (ended - began))
        return found

    def _look(self) -> str | None:
        memory, disk = self._limits.memory, self._limits.disk
        if memory is not None and memory_of(self._processes()) > memory:
            return f"The task used more memory than its limit of {memory} bytes"
        if disk is not None and any_above(self._folders, disk):
            return f"The task wrote more than its limit of {disk} bytes into its working directory"
        return None


def memory_of(processes: Iterable[int]) -> int:
    """Bytes they use together; what they share is counted once."""
    total = 0
    for pid in processes:
        with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{pid}/smaps_rollup") as file:
            total += 1024 * int(next((line for line in file if line.startswith("Pss:")), "Pss: 0").split()[1])
    return total


def any_above(folders: Iterable[Path], limit: int) -> bool:
    """Whether all that lies in the folders takes more than that. Links are counted, not followed."""
    total, waiting = 0, [str(folder) for folder in folders]
    while waiting and total <= limit:
        with contextlib.suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    total += _ENTRY_BYTES + entry.stat(follow_symlinks=False).st_blocks * 512
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
    return total > limit
