"""A whole instance on one machine: how soon it is there again, and what it holds while nothing happens."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import psutil

from tests.bench.results import show
from tests.journeys.instance import Instance, running, set_up

QUIET_SECONDS = 5.0


def measure() -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="orrery-bench-") as folder:
        data = Path(folder)
        with running(data) as first:
            set_up(first)
        began = time.perf_counter()
        with running(data) as again:
            taken = time.perf_counter() - began
            time.sleep(QUIET_SECONDS)
            parts = _memory(again)
    return {
        "figure": "second start, and idle memory of all processes (PSS)",
        "second_start_s": round(taken, 1),
        "idle_pss_mb": round(sum(parts)),
        "processes": len(parts),
        "bar": "10 s, 700 MB",
    }


def _memory(instance: Instance) -> list[float]:
    root = psutil.Process(instance.process.pid)
    return [process.memory_full_info().pss / 1e6 for process in (root, *root.children(recursive=True))]


if __name__ == "__main__":
    show("bench_instance", measure())
