"""One-task executions started over the API as fast as it takes them, until the last one has ended."""

from __future__ import annotations

import contextlib
import threading
import time

import psutil

from tests.bench.instance import TENANT, Instance, running_instance
from tests.bench.results import show

COUNT = 2000
CLIENTS = 4
PEERS = "Kestra 2.0 67/s and 117/s on four times the cores, DBOS 113/s, Airflow 2.5/s, Prefect 0.4/s; bare Celery 890/s"


def measure(instance: Instance, count: int = COUNT) -> dict[str, object]:
    flow_id = f"burst{time.time_ns()}"
    instance.save(
        f"id: {flow_id}\nnamespace: bench\ntasks:\n  - {{id: say, type: io.kestra.plugin.core.log.Log, message: hi}}"
    )
    before = cpu_seconds(instance)
    began = time.perf_counter()
    threads = [threading.Thread(target=_start, args=(instance, flow_id, count // CLIENTS)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    accepted = time.perf_counter() - began
    instance.settle(flow_id, count, 120)
    took = time.perf_counter() - began
    spent = {name: after - before.get(name, 0.0) for name, after in cpu_seconds(instance).items()}
    return {
        "figure": f"{count} one-task executions",
        "n": count,
        "accepted_per_s": round(count / accepted, 1),
        "ended_per_s": round(count / took, 1),
        "cpu_ms_each": {name: round(seconds / count * 1000, 2) for name, seconds in spent.items()},
        "bar": "100/s end to end",
        "peers": PEERS,
    }


def cpu_seconds(instance: Instance) -> dict[str, float]:
    """What each role has cost so far, its children included."""
    spent: dict[str, float] = {}
    for process in instance.processes():
        with contextlib.suppress(psutil.Error):
            name = role_of(process)
            times = process.cpu_times()
            spent[name] = spent.get(name, 0.0) + times.user + times.system + times.children_user + times.children_system
    return spent


def role_of(process: psutil.Process) -> str:
    line = " ".join(process.cmdline())
    for name in ("web", "scheduler", "worker"):
        if line.startswith(f"orrery {name}"):
            return name
    return "valkey" if "valkey" in line else "postgres" if "postgres" in line else "other"


def _start(instance: Instance, flow_id: str, count: int) -> None:
    with contextlib.closing(instance.client()) as client:
        for _ in range(count):
            instance.ask("POST", f"/api/v1/{TENANT}/executions/bench/{flow_id}", client=client)


if __name__ == "__main__":
    with running_instance() as instance:
        show("bench_throughput", measure(instance))
