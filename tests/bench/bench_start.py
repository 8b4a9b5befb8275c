"""Idle start latency: from the commit of a start to that of the claim of its first task, by the database's clock."""

from __future__ import annotations

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
ROUNDS = 200
REST_SECONDS = 0.05
PEERS = "DBOS queue 67 ms, Airflow 3.3 715 ms, Prefect 3.8 tuned 3,566 ms; bare Celery 1.6 ms"


# Notes the transactions that make a job and that hand it out; each tells later when it was committed.
WATCH = """
CREATE TABLE IF NOT EXISTS bench_moment (job_id text, phase text, xid xid);
GRANT INSERT ON bench_moment TO orrery_app, orrery_service;
CREATE OR REPLACE FUNCTION bench_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO bench_moment VALUES (NEW.id, NEW.phase, pg_current_xact_id()::xid); RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER bench_note AFTER INSERT OR UPDATE OF phase ON job
    FOR EACH ROW EXECUTE FUNCTION bench_note();
"""
WAITS = """
SELECT extract(epoch FROM pg_xact_commit_timestamp(claim.xid) - pg_xact_commit_timestamp(start.xid)) * 1000
FROM bench_moment start JOIN bench_moment claim ON claim.job_id = start.job_id AND claim.phase = 'leased'
WHERE start.phase = 'queued'
"""


def measure(instance: Instance, rounds: int = ROUNDS) -> dict[str, object]:
    instance.save(FLOW)
    with instance.database() as database:
        database.execute(WATCH)
        answered = [_start(instance) for _ in range(rounds)]
        instance.settle("idle_start", rounds, 10)
        waits = sorted(float(row[0]) for row in database.execute(WAITS).fetchall())
    return {
        "figure": "idle start, from the commit of the start to the commit of the claim",
        "n": len(waits),
        "p50_ms": round(statistics.median(waits), 1),
        "p95_ms": round(waits[int(len(waits) * 0.95) - 1], 1),
        "max_ms": round(waits[-1], 1),
        "answer_p50_ms": round(statistics.median(answered), 1),
        "bar": "p50 20 ms, p95 50 ms",
        "peers": PEERS,
    }


def _start(instance: Instance) -> float:
    """Milliseconds until the answer. Then the instance comes to rest before the next one."""
    began = time.perf_counter()
    instance.ask("POST", f"/api/v1/{TENANT}/executions/bench/idle_start")
    answered = (time.perf_counter() - began) * 1000
    time.sleep(REST_SECONDS)
    return answered


if __name__ == "__main__":
    with running_instance(database={"track_commit_timestamp": "on"}) as instance:
        show("bench_start", measure(instance))
