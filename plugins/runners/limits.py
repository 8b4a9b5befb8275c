"""How much a task may use, and the shell lines by which each of its processes is held to it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from control_plane.kernel.words.sizes import parse_size
from plugins.contracts import PluginError, Property, RunContext

_BLOCK = 512
"""What the shell of POSIX counts the size of a file in."""
TOO_HIGH = 126
"""With it the launcher ends when the host does not let a limit be set."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, seconds and counts; None where a task is not held back."""

    memory: int | None = None
    cpus: float | None = None
    cpu_time: timedelta | None = None
    processes: int | None = None
    file_size: int | None = None
    disk: int | None = None

    def shell_lines(self) -> Iterator[str]:
        """Memory is limited as data, not as addresses: many programs reserve addresses that they never use."""
        if self.memory is not None:
            yield _line("-d", math.ceil(self.memory / 1024), "memory")
        if self.cpu_time is not None:
            yield _line("-t", max(1, math.ceil(self.cpu_time.total_seconds())), "cpu.time")
        if self.file_size is not None:
            yield _line("-f", math.ceil(self.file_size / _BLOCK), "fileSize")
        if self.processes is not None:
            yield f"ulimit -u {self.processes} 2>/dev/null || {_line('-p', self.processes, 'processes')}"


def _line(option: str, number: int, name: str) -> str:
    return f"ulimit {option} {number} || {{ echo 'This host does not allow the limit `{name}`' >&2; exit {TOO_HIGH}; }}"


def size_of(ctx: RunContext, prop: Property[str] | None, name: str) -> int | None:
    """The bytes of a property. Raises PluginError naming it."""
    if prop is None:
        return None
    try:
        size = parse_size(ctx.render(prop))
    except ValueError as error:
        raise PluginError(f"`{name}`: {error}", retryable=False) from error
    if size <= 0:
        raise PluginError(f"`{name}` must be more than nothing", retryable=False)
    return size
