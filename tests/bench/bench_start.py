"""Idle start latency: from the commit of a start to the claim of its first task, by the database's clock."""

from __future__ import annotations

import contextlib
import statistics
import time

from tests.bench.instance import TENANT, Instance, running_instance
from tests.bench.results import show

FLOW = """
id: idle_start
namespace: bench
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: hello
"""
ROUNDS = 60
PEERS = "DBOS queue 67 ms, Airflow 3.3 715 ms, Prefect 3.8 tuned 3,566 ms; bare Celery 1.6 ms"


def measure(instance: Instance, rounds: int = ROUNDS) -> dict[str, object]:
    with contextlib.suppress(RuntimeError):
        instance.save(FLOW)
    before = time.time()
    answered = []
    for _ in range(rounds):
        began = time.perf_counter()
        instance.ask("POST", f"/api/v1/{TENANT}/executions/bench/idle_start")
        answered.append((time.perf_counter() - began) * 1000)
        time.sleep(0.05)
    time.sleep(0.5)
    with instance.database() as database:
        rows = database.execute(
            "SELECT extract(epoch FROM (task_run.history -> 1 ->> 'date')::timestamptz - execution.start_date) * 1000"
            " FROM task_run JOIN execution ON execution.id = task_run.execution_id"
            " WHERE execution.flow_id = 'idle_start' AND execution.start_date > to_timestamp(%s)",
            [before],
        ).fetchall()
    waits = sorted(float(row[0]) for row in rows)
    return {
        "figure": "idle start to first task running",
        "n": len(waits),
        "p50_ms": round(statistics.median(waits), 1),
        "p95_ms": round(waits[int(len(waits) * 0.95) - 1], 1),
        "answer_p50_ms": round(statistics.median(answered), 1),
        "bar": "p50 20 ms, p95 50 ms",
        "peers": PEERS,
    }


if __name__ == "__main__":
    with running_instance() as instance:
        show("bench_start", measure(instance))
