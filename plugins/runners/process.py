"""Running commands as processes of the worker's own machine."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Literal

from pydantic import Field

from control_plane.kernel.words.durations import Duration
from plugins.contracts import Model, Property, RunContext, Runner, ScriptCommand, ScriptResult
from plugins.runners import identities
from plugins.runners.isolation import Isolation
from plugins.runners.limits import Limits, size_of
from plugins.runners.process_run import ProcessRun
from plugins.runners.sandbox import TEMPORARY, Walls


class CpuLimits(Model):
    """Processor time: how much of the machine at a time, and how long in all."""

    cpus: float | None = Field(default=None, gt=0, le=4096)
    """How many processors' worth of time; needs cgroup v2."""
    time: Duration | None = Field(default=None, gt=timedelta(0))
    """Processor time of each process of the task; one that has used it up is killed."""


class MemoryLimits(Model):
    """Memory: of each process by limits of the system; of all together by cgroup v2, or looked at twice a second."""

    memory: Property[str] | None = None
    """As `512MB`."""


class Process(Runner):
    """Run the commands as processes on the worker's machine, each task in a working directory of its own.

    Without more words this is no sandbox. The processes share the machine, its network and its files with the worker:
    they get a clean environment, limits on open files and processes, and, when the worker runs as root, a user id of
    their own that owns nothing else. `fileSystem: PRIVATE` and `networkMode: none` put walls around them; what a worker
    cannot give fails the task, and `orrery doctor` says beforehand what it can.

    When the task is killed or runs out of time, the whole group of processes is asked to end and killed three
    seconds later, with everything it started.
    """

    TYPE: ClassVar[str] = "io.kestra.plugin.core.runner.Process"
    TITLE: ClassVar[str] = "Run as a process of the worker"
    EXAMPLES: ClassVar[tuple[str, ...]] = (
        """
id: process_runner
namespace: company.team
tasks:
  - id: hello
    type: io.kestra.plugin.scripts.shell.Commands
    taskRunner:
      type: io.kestra.plugin.core.runner.Process
    commands:
      - echo "Hello from $(uname)"
""",
    )

    file_system: Literal["SHARED", "PRIVATE"] = "SHARED"
    """PRIVATE: nothing of the machine can be written, /tmp is the task's own, and where people and services keep their
    files is empty; other processes are not seen."""
    temporary_space: Property[str] | None = None
    """The most that fits into the private /tmp; 256MB when absent."""
    network_mode: Literal["host", "none"] = "host"
    """`none`: there is no network but the task's own loopback."""
    memory: MemoryLimits | None = None
    """How much memory the task may use."""
    cpu: CpuLimits | None = None
    """How much processor time the task may use."""
    processes: int | None = Field(default=None, gt=0, le=1 << 20)
    """How many processes and threads the task may have at a time."""
    file_size: Property[str] | None = None
    """The most that may be written into one file."""
    disk: Property[str] | None = None
    """The most that the working directory may take, looked at twice a second."""

    def run_commands(self, ctx: RunContext, command: ScriptCommand) -> ScriptResult:
        isolation = self._isolation(ctx)
        isolation.refuse_what_is_not_here()
        with identities.borrow() as identity:
            if identity is not None:
                for folder in (command.workdir, command.own):
                    if folder is not None:
                        identities.hand_over(folder, identity)
            return ProcessRun(ctx, command, identity, isolation).finish()

    def _isolation(self, ctx: RunContext) -> Isolation:
        cpu = self.cpu or CpuLimits()
        limits = Limits(
            memory=size_of(ctx, self.memory.memory, "memory.memory") if self.memory else None,
            cpus=cpu.cpus,
            cpu_time=cpu.time,
            processes=self.processes,
            file_size=size_of(ctx, self.file_size, "fileSize"),
            disk=size_of(ctx, self.disk, "disk"),
        )
        walls = Walls(
            private_files=self.file_system == "PRIVATE",
            no_network=self.network_mode == "none",
            temporary=size_of(ctx, self.temporary_space, "temporarySpace") or TEMPORARY,
        )
        return Isolation(limits, walls)
