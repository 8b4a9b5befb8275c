"""A task's processes counted together by the kernel, where the worker was given a part of the cgroup v2 tree."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

from plugins.contracts import PluginError
from plugins.runners.limits import Limits

_NEEDED = frozenset({"cpu", "memory", "pids"})
_LEAF = "orrery-worker"
_PERIOD = 100_000
_MOUNTS = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
_ENDING_SECONDS = 2.0
_PAUSE_SECONDS = 0.02


def own_branch(mounts: tuple[Path, ...] = _MOUNTS, told: Path = Path("/proc/self/cgroup")) -> Path | str:
    """The folder of this worker's own group, or why none can be used."""
    mounted = next((place for place in mounts if (place / "cgroup.controllers").is_file()), None)
    if mounted is None:
        return "no cgroup v2 is mounted"
    try:
        path = next(line[3:] for line in told.read_text().splitlines() if line.startswith("0::"))
        branch = mounted / path.lstrip("/").removesuffix(f"/{_LEAF}")
        there = set((branch / "cgroup.controllers").read_text().split())
    except (OSError, StopIteration):
        return "the worker has no group in cgroup v2"
    if missing := sorted(_NEEDED - there):
        return f"cgroup v2 has no controller for {', '.join(missing)} here"
    if not os.access(branch, os.W_OK) or not os.access(branch / "cgroup.subtree_control", os.W_OK):
        return "the worker may not write to its part of cgroup v2"
    return branch


class TaskGroup:
    """The group of one attempt of a task: made, filled before the command begins, killed and removed."""

    def __init__(self, branch: Path, name: str, limits: Limits) -> None:
        self._folder = branch / f"task-{name}"
        try:
            _make_room(branch)
            self._folder.mkdir()
            for file, value in _settings(limits):
                self._write(file, value)
            if limits.memory is not None and (self._folder / "memory.swap.max").exists():
                self._write("memory.swap.max", "0")
        except OSError as error:
            self.remove()
            raise PluginError(f"The limits cannot be set by cgroup v2: {error}") from error

    def take(self, pid: int) -> None:
        self._write("cgroup.procs", str(pid))

    def was_out_of_memory(self) -> bool:
        try:
            lines = (self._folder / "memory.events").read_text().splitlines()
        except OSError:
            return False
        return any(line.startswith("oom_kill ") and line.split()[1] != "0" for line in lines)

    def remove(self) -> None:
        """Kill what is left in it. The kernel lets go of a group a moment after its last process."""
        with contextlib.suppress(OSError):
            self._write("cgroup.kill", "1")
        until = time.monotonic() + _ENDING_SECONDS
        while self._folder.is_dir() and time.monotonic() < until:
            try:
                self._folder.rmdir()
            except OSError:
                time.sleep(_PAUSE_SECONDS)

    def _write(self, file: str, value: str) -> None:
        (self._folder / file).write_text(value)


def _settings(limits: Limits) -> list[tuple[str, str]]:
    settings: list[tuple[str, str]] = []
    if limits.memory is not None:
        settings += [("memory.max", str(limits.memory)), ("memory.oom.group", "1")]
    if limits.cpus is not None:
        settings.append(("cpu.max", f"{max(1000, int(limits.cpus * _PERIOD))} {_PERIOD}"))
    if limits.processes is not None:
        settings.append(("pids.max", str(limits.processes)))
    return settings


def _make_room(branch: Path) -> None:
    """A group that shares out what it has may hold no process itself: the worker moves into a leaf of it. The root of
    the whole tree, which alone has no type, is free of that."""
    control = branch / "cgroup.subtree_control"
    if set(control.read_text().split()) >= _NEEDED:
        return
    if (branch / "cgroup.type").exists():
        leaf = branch / _LEAF
        leaf.mkdir(exist_ok=True)
        for pid in (branch / "cgroup.procs").read_text().split():
            with contextlib.suppress(ProcessLookupError):
                (leaf / "cgroup.procs").write_text(pid)
    control.write_text(" ".join(f"+{name}" for name in sorted(_NEEDED)))
