"""Places where a test may let the process die; nothing anywhere else."""

from __future__ import annotations

import os
import signal
from pathlib import Path

IS_ARMED = os.environ.get("CRASHPOINTS_ARMED") == "by a test"
"""A server of anybody else never looks at `CRASHPOINT`: one stray variable must not be able to kill it."""
_NAME, _, _FLAG = os.environ.get("CRASHPOINT", "").partition(":") if IS_ARMED else ("", "", "")
"""`CRASHPOINT=name:path`: the process is killed at that place while the file is there, which goes with it."""


def crashpoint(name: str) -> None:
    """Mark a place between a commit and what follows it."""
    if name == _NAME and _FLAG and Path(_FLAG).exists():
        Path(_FLAG).unlink(missing_ok=True)
        os.kill(os.getpid(), signal.SIGKILL)
