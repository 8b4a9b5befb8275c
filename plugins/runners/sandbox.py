"""Walls around the processes of a task, made of namespaces of the kernel by `bwrap`, which needs no privileges."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from plugins.runners import identities

PROGRAM = "/usr/bin/bwrap"
"""Bubblewrap, of the distribution's package of that name."""
TEMPORARY = 256 << 20
"""Bytes of the private /tmp, where a task says nothing else."""
_HIDDEN = ["/boot", "/etc/orrery", "/home", "/media", "/mnt", "/root", "/run", "/srv", "/var"]
"""Where people and services keep what is theirs: empty in a private file system."""
_PATIENCE = 10
_EMPTY = 16 << 20


@dataclass(frozen=True, slots=True)
class Walls:
    """What is asked for. A private file system brings processes, users and shared memory of its own as well."""

    private_files: bool = False
    no_network: bool = False
    temporary: int = TEMPORARY

    def __bool__(self) -> bool:
        return self.private_files or self.no_network


def hide(folder: Path) -> None:
    """Let no private file system show this folder: the worker's own data."""
    path = os.path.realpath(folder)
    if path not in _HIDDEN and not path.startswith("/tmp/"):
        _HIDDEN.append(path)


def inside(
    walls: Walls, argv: Sequence[str], workdir: Path, writable: Sequence[Path], calls: int | None = None
) -> list[str]:
    """The command that runs `argv` behind the walls, where only the writable folders and /tmp can be written.

    `calls` is an open file with a filter of system calls.
    """
    options = ["--unshare-user", "--disable-userns", "--cap-drop", "ALL", "--die-with-parent"]
    if calls is not None:
        options += ["--seccomp", str(calls)]
    if walls.no_network:
        options.append("--unshare-net")
    options += _private_files(walls, writable) if walls.private_files else ["--dev-bind", "/", "/"]
    return [PROGRAM, *options, "--chdir", str(workdir), "--", *argv]


def _private_files(walls: Walls, writable: Sequence[Path]) -> Iterator[str]:
    yield from ("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
    yield from ("--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev")
    hidden = [folder for folder in _HIDDEN if os.path.isdir(folder) and not os.path.islink(folder)]
    for folder in hidden:
        yield from ("--size", str(_EMPTY), "--tmpfs", folder)
    for folder in ("/dev/shm", "/tmp"):
        yield from ("--size", str(walls.temporary), "--tmpfs", folder)
    for path in writable:
        yield from ("--bind", str(path), str(path))
    for folder in hidden:
        yield from ("--remount-ro", folder)


@cache
def why_not(*, private_files: bool = False, no_network: bool = False) -> str | None:
    """Why this host cannot put up these walls; None when it can. Tried once, as the user that a task would be."""
    if not os.access(PROGRAM, os.X_OK):
        return f"{PROGRAM} is not installed (package bubblewrap)"
    walls = Walls(private_files, no_network)
    as_task = identities.privileges(identities.FIRST if os.geteuid() == 0 else None)
    try:
        tried = subprocess.run(
            inside(walls, ["/bin/true"], Path("/"), ()),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
            **as_task,
        )
    except (OSError, subprocess.SubprocessError) as error:
        return f"{PROGRAM} does not run: {error}"
    said = tried.stderr.decode("utf-8", "replace").strip().splitlines()
    return None if tried.returncode == 0 else said[-1] if said else f"{PROGRAM} ended with {tried.returncode}"
