"""What a task asks for to be kept apart, and whether this host can give it: asked for and not given is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from plugins.contracts import PluginError
from plugins.runners import cgroups, sandbox
from plugins.runners.limits import Limits
from plugins.runners.sandbox import Walls

PRIVATE_FILES, NO_NETWORK = "fileSystem: PRIVATE", "networkMode: none"
_OF_THE_SANDBOX = 2
"""Processes that keep up the walls, beside the task's own."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """Limits and walls of one task."""

    limits: Limits
    walls: Walls

    def refuse_what_is_not_here(self) -> None:
        """Raise PluginError for the first thing asked for that this host cannot give."""
        for name, why in self._missing():
            raise PluginError(f"This worker cannot give `{name}`: {why}", retryable=False)

    def _missing(self) -> Iterator[tuple[str, str]]:
        if self.walls.private_files and (why := sandbox.why_not(private_files=True)):
            yield PRIVATE_FILES, why
        if self.walls.no_network and (why := sandbox.why_not(no_network=True)):
            yield NO_NETWORK, why
        branch = cgroups.own_branch() if self.limits.cpus is not None else None
        if isinstance(branch, str):
            yield "cpu.cpus", branch

    def group(self, name: str) -> cgroups.TaskGroup | None:
        """A group of the kernel's for the limits that one can hold, where there is cgroup v2."""
        limits = self._with_walls()
        if limits.memory is None and limits.cpus is None and limits.processes is None:
            return None
        branch = cgroups.own_branch()
        return None if isinstance(branch, str) else cgroups.TaskGroup(branch, name, limits)

    def shell_lines(self) -> str:
        return "\n".join(self._with_walls().shell_lines())

    def _with_walls(self) -> Limits:
        if self.walls and self.limits.processes is not None:
            return replace(self.limits, processes=self.limits.processes + _OF_THE_SANDBOX)
        return self.limits


def abilities() -> Iterator[tuple[str, str | None]]:
    """What a task may ask for, in the words of a flow, and why this host cannot give it, or None."""
    yield PRIVATE_FILES, sandbox.why_not(private_files=True)
    yield NO_NETWORK, sandbox.why_not(no_network=True)
    branch = cgroups.own_branch()
    yield "cpu.cpus", branch if isinstance(branch, str) else None
    held_by = "cgroup v2" if not isinstance(branch, str) else "limits of each process and a look twice a second"
    yield f"memory.memory` (by {held_by}), `processes`, `cpu.time`, `fileSize`, `disk", None
