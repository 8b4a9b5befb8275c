"""Where the commands of a script run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from plugins.contracts.pieces import Plugin
from plugins.contracts.running import PluginError, RunContext


class Runner(Plugin):
    """Where the commands of a script task run."""

    version: str | None = None

    def run_commands(self, ctx: RunContext, command: ScriptCommand) -> ScriptResult:
        """Run to the end, or until killed. Raises PluginError with the exit code on failure."""
        raise PluginError(f"{self.type} cannot run commands")


@dataclass(frozen=True, slots=True)
class ScriptCommand:
    argv: Sequence[str]
    env: Mapping[str, str]
    workdir: Path
    own: Path | None = None
    """A folder beside the working directory that the command may use; it is handed over with it."""
    timeout: timedelta | None = None
    image: str | None = None
    """What a container is made from; runners without containers ignore it."""


@dataclass(slots=True)
class ScriptResult:
    exit_code: int
    vars: dict[str, Any] = field(default_factory=dict)
    stdout_lines: int = 0
    stderr_lines: int = 0
    lost_messages: int = 0
    """Lines that began to say something and were too long to be read."""
