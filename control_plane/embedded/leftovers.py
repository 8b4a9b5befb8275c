"""Ends servers that a killed predecessor left running."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path


def is_alive(pid: int) -> bool:
    """Whether the process runs; one that ended and was not yet waited for counts as ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return True
    return state != "Z"


def runs(pid: int, program: str, mention: str) -> bool:
    """Whether the process is this program about this folder: a pid may have been given to a stranger since."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return False
    return Path(words[0]).name.startswith(program) and any(mention in word for word in words)


def end(pid: int, gently: signal.Signals, seconds: float = 20) -> None:
    """Signal the process and wait until it is gone; kill it when it does not go."""
    for step in (gently, signal.SIGKILL):
        try:
            os.kill(pid, step)
        except ProcessLookupError:
            return
        if _gone(pid, seconds):
            return
    raise TimeoutError(f"process {pid} does not end")


def _gone(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while is_alive(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
