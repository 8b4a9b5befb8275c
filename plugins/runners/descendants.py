"""Ending everything that a command has started, even what left its group or its session."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
from collections.abc import Iterator

MARK = "ORRERY_TASK"
"""Environment variable by which processes of a task are known."""

_PR_SET_CHILD_SUBREAPER = 36
_ROUNDS = 20


def adopt_orphans() -> None:
    """Make orphaned grandchildren of this process its children, so that none of them escapes. Called once at start."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def ask_to_end(process: subprocess.Popen[bytes], *, spares_leader: bool) -> None:
    """SIGTERM for its group. A leader that keeps up walls is spared: with it all behind them would end at once."""
    if not spares_leader:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)
        return
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != process.pid:
            with contextlib.suppress(OSError, IndexError):
                if int(_status(int(name))[2]) == process.pid:
                    os.kill(int(name), signal.SIGTERM)


def end(process: subprocess.Popen[bytes], mark: str, identity: int | None) -> None:
    """Kill what is left of a command: its group, then whatever bears its mark or its user id, until nothing is found.

    A process may start another one while it is being killed, hence the rounds.
    """
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    for _ in range(_ROUNDS):
        left = list(belonging(mark, identity))
        if not left:
            return
        for pid in left:
            _kill(pid)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, 0 if _is_mine(pid) else os.WNOHANG)


def belonging(mark: str, identity: int | None) -> Iterator[int]:
    """The processes that bear the mark or run under the user id."""
    wanted = f"{MARK}={mark}".encode()
    for name in os.listdir("/proc"):
        if name.isdigit() and _belongs(int(name), wanted, identity):
            yield int(name)


def _belongs(pid: int, wanted: bytes, identity: int | None) -> bool:
    try:
        if identity is not None and os.stat(f"/proc/{pid}").st_uid == identity:
            return not _is_dead(pid)
        with open(f"/proc/{pid}/environ", "rb") as environment:
            return wanted in environment.read().split(b"\0")
    except OSError:
        return False


def _status(pid: int) -> list[str]:
    """Fields of the process after its name: state, parent, ..."""
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()


def _is_mine(pid: int) -> bool:
    try:
        return int(_status(pid)[1]) == os.getpid()
    except (OSError, IndexError):
        return False


def _is_dead(pid: int) -> bool:
    """A zombie that somebody else has to collect."""
    try:
        return _status(pid)[0] == "Z" and not _is_mine(pid)
    except (OSError, IndexError):
        return True
