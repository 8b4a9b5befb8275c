"""Lists over 100,000 executions: how long the pages take that people look at."""

from __future__ import annotations

import statistics
import time

from tests.bench.instance import TENANT, Instance, running_instance
from tests.bench.results import show

EXECUTIONS = 100_000
ROUNDS = 60
BAR = "p95 100 ms"
PAGES = {
    "the latest": "size=25",
    "the latest of a flow": "size=25&filters[namespace][EQUALS]=bench.team7&filters[flowId][EQUALS]=flow7",
    "of a namespace and its children": "size=25&filters[namespace][PREFIX]=bench",
    "failed ones": "size=25&filters[state][IN]=FAILED,KILLED",
    "by a label": "size=25&filters[labels][EQUALS][team]=team3",
    "of the last day": "size=25&filters[timeRange][EQUALS]=PT24H",
    "the hundredth page": "size=25&page=100",
}
# Written as superuser in one statement: only reading is measured.
SEED = """
INSERT INTO execution (id, tenant_id, namespace, flow_id, flow_revision, revision_id, state, history, labels, inputs,
    variables, breakpoints, attempt_number, task_run_count, frame, start_date, end_date, updated_at, version, log_seq)
SELECT lpad(n::text, 22, '0'), %(tenant)s, 'bench.team' || n %% 20, 'flow' || n %% 20, 1, 'revision',
    (ARRAY['SUCCESS', 'SUCCESS', 'SUCCESS', 'FAILED', 'WARNING', 'KILLED'])[1 + n %% 6],
    jsonb_build_array(jsonb_build_object('state', 'SUCCESS', 'date', '2026-01-01T00:00:00.000000Z')),
    jsonb_build_object('team', 'team' || n %% 10), '{}', '{}', '[]', 1, 1, '{}',
    now() - n * interval '20 seconds', now() - n * interval '20 seconds' + interval '1 second', now(), 1, 0
FROM generate_series(1, %(count)s) AS n
"""


def seed(instance: Instance, count: int = EXECUTIONS) -> None:
    with instance.database() as database:
        database.execute(SEED, {"tenant": TENANT, "count": count})
        database.execute("ANALYZE execution")


def measure(instance: Instance) -> dict[str, object]:
    pages = {name: _page(instance, query) for name, query in PAGES.items()}
    return {"figure": f"lists of {EXECUTIONS:,} executions", "n": ROUNDS, **pages, "bar": BAR}


def _page(instance: Instance, query: str) -> dict[str, object]:
    path = f"/api/v1/{TENANT}/executions/search?{query}"
    shown = instance.ask("GET", path)
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        instance.ask("GET", path)
        taken.append((time.perf_counter() - began) * 1000)
    return {
        "rows": len(shown["results"]),
        "total": shown["total"],
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(statistics.quantiles(taken, n=20)[-1], 1),
    }


if __name__ == "__main__":
    with running_instance() as running:
        seed(running)
        show("bench_lists", measure(running))
