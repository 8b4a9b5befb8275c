"""Fires of schedules beside starts over the API, on one instance: executions a second until the last was accepted."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tests.bench.bench_throughput import CLIENTS, _start
from tests.bench.instance import Instance, running_instance
from tests.bench.results import show

COUNT = 2000
IN_ONE_FLOW = 100
TASKS = "tasks:\n  - {id: say, type: io.kestra.plugin.core.log.Log, message: hi}"
# Each comes once a year: the date of this year, now.
DUE = """
UPDATE flow_trigger SET next_at = date_trunc('year', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC', due_at = now()
WHERE namespace = %s"""
STARTED = "SELECT count(*) FROM execution WHERE namespace = %s"
SECONDS = 180.0


def measure(instance: Instance, count: int = COUNT) -> dict[str, object]:
    starts = starts_per_second(instance, count)
    fires = fires_per_second(instance, count)
    return {
        "figure": f"{count} schedules that are due in the same second, beside {count} starts over the API",
        "n": count,
        "starts_per_s": round(starts, 1),
        "fires_per_s": round(fires, 1),
        "fires_beside_starts": round(fires / starts, 2),
        "bar": "0.8",
    }


def starts_per_second(instance: Instance, count: int) -> float:
    flow_id = f"started{time.time_ns()}"
    instance.save(f"id: {flow_id}\nnamespace: bench\n{TASKS}")
    began = time.perf_counter()
    threads = [threading.Thread(target=_start, args=(instance, flow_id, count // CLIENTS)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    accepted = time.perf_counter() - began
    instance.settle(flow_id, count // CLIENTS * CLIENTS, SECONDS)
    return count / accepted


def fires_per_second(instance: Instance, count: int) -> float:
    namespace = save_schedules(instance, count)
    with instance.database() as database:
        database.execute(DUE, [namespace])
        began = time.perf_counter()
        _wait(lambda: _started(instance, namespace) >= count)
        return count / (time.perf_counter() - began)


def save_schedules(instance: Instance, count: int, cron: str = "0 0 1 1 *") -> str:
    """So many triggers that come at the same moment; their namespace."""
    namespace = f"bench.fires{time.time_ns()}"
    for number in range(count // IN_ONE_FLOW):
        lines = (
            f"  - {{id: t{each}, type: io.kestra.plugin.core.trigger.Schedule, cron: '{cron}'}}"
            for each in range(IN_ONE_FLOW)
        )
        instance.save(f"id: timed{number}\nnamespace: {namespace}\n{TASKS}\ntriggers:\n" + "\n".join(lines))
    return namespace


def _started(instance: Instance, namespace: str) -> int:
    with instance.database() as database:
        row = database.execute(STARTED, [namespace]).fetchone()
    return int(row[0]) if row else 0


def _wait(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("not all of them have fired")
        time.sleep(0.02)


if __name__ == "__main__":
    with running_instance() as instance:
        show("bench_fires", measure(instance))
