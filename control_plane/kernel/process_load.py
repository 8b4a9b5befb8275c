"""How busy this process is, in a few figures."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

_BEGAN = time.monotonic()
_STATM = Path("/proc/self/statm")


def process_load() -> dict[str, float]:
    """Names say the unit. What the machine does not tell is left out."""
    found = {
        "process.cpu.seconds": round(time.process_time(), 3),
        "process.uptime.seconds": round(time.monotonic() - _BEGAN, 1),
        "process.threads": float(threading.active_count()),
    }
    try:
        found["process.memory.bytes"] = float(int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
        found["machine.load.1m"] = round(os.getloadavg()[0], 2)
    except (OSError, ValueError, IndexError):
        pass  # not Linux
    return found
