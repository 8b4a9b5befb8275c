"""A whole instance on one machine: how soon it is there again, and what it holds while nothing happens."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import psutil

from tests.journeys.instance import Instance, running, set_up

QUIET_SECONDS = 5.0


def measure() -> list[dict[str, object]]:
    with tempfile.TemporaryDirectory(prefix="orrery-bench-") as folder:
        data = Path(folder)
        with running(data) as first:
            set_up(first)
        began = time.perf_counter()
        with running(data) as again:
            taken = time.perf_counter() - began
            time.sleep(QUIET_SECONDS)
            parts = _memory(again)
    return [
        {"figure": "second start", "n": 1, "s": round(taken, 1), "bar": "10 s"},
        {"figure": "idle memory of all processes (PSS)", "n": len(parts), "mb": round(sum(parts)), "bar": "700 MB"},
    ]


def _memory(instance: Instance) -> list[float]:
    root = psutil.Process(instance.process.pid)
    return [process.memory_full_info().pss / 1e6 for process in (root, *root.children(recursive=True))]


if __name__ == "__main__":
    for figure in measure():
        print(figure)
