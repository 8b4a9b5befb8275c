"""A chain of forty tiny tasks, each durably recorded: from the call of the API to the recorded end."""

from __future__ import annotations

import contextlib
import statistics
import time

from tests.bench.instance import TENANT, Instance, running_instance
from tests.bench.results import show

TASKS = 40
ROUNDS = 10
PEERS = "DBOS 0.16 s, Prefect in one process 1.2 s, Airflow 42.7 s; bare Celery chain, not durable, 0.10 s"


def flow() -> str:
    tasks = [f"  - {{id: t{n}, type: io.kestra.plugin.core.log.Log, message: step {n}}}" for n in range(TASKS)]
    return "\n".join(["id: chain", "namespace: bench", "tasks:", *tasks])


def measure(instance: Instance, rounds: int = ROUNDS) -> dict[str, object]:
    with contextlib.suppress(RuntimeError):
        instance.save(flow())
    took = []
    with instance.database() as database:
        for _ in range(rounds):
            (before,) = database.execute("SELECT clock_timestamp()").fetchone() or (None,)
            started = instance.ask("POST", f"/api/v1/{TENANT}/executions/bench/chain")
            deadline = time.monotonic() + 30
            end = None
            while end is None and time.monotonic() < deadline:
                time.sleep(0.01)
                row = database.execute("SELECT end_date FROM execution WHERE id = %s", [started["id"]]).fetchone()
                end = row[0] if row else None
            if end is None:
                raise TimeoutError("the chain did not end")
            took.append((end - before).total_seconds())
    return {
        "figure": f"chain of {TASKS} tasks",
        "n": len(took),
        "p50_s": round(statistics.median(took), 3),
        "max_s": round(max(took), 3),
        "bar": "0.3 s",
        "peers": PEERS,
    }


if __name__ == "__main__":
    with running_instance() as instance:
        show("bench_chain", measure(instance))
