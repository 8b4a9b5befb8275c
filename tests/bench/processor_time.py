"""Processor time that the parts of an instance have used, to the nanosecond, as the scheduler counts it."""

from __future__ import annotations

import contextlib
from pathlib import Path

import psutil

from tests.bench.instance import Instance

PARTS = ("orrery web", "orrery worker", "orrery scheduler", "postgres", "valkey")


class Meter:
    """Knows the processes of an instance and reads what they used so far."""

    def __init__(self, instance: Instance) -> None:
        self._pids: dict[str, list[int]] = {part: [] for part in PARTS}
        for process in instance.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                self._add(process.pid, " ".join(process.cmdline()).split(" -")[0])

    def _add(self, pid: int, command: str) -> None:
        part = next((part for part in PARTS if part in command), None)
        if part is not None:
            self._pids[part].append(pid)

    def read(self) -> dict[str, float]:
        """Seconds by part."""
        return {part: sum(map(_seconds, pids)) for part, pids in self._pids.items()}

    @staticmethod
    def between(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
        return {part: after[part] - before[part] for part in before}


def _seconds(pid: int) -> float:
    """Of all threads that still run: those of the web process and of PostgreSQL stay."""
    total = 0
    for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            total += int(file.read_text().split()[0])
        except (OSError, IndexError):
            continue
    return total / 1e9
