"""Lists of a hundred thousand executions: a page, a filtered page, a far page."""

from __future__ import annotations

import statistics
import time

from tests.bench.instance import TENANT, Instance, running_instance

COUNT = 100_000
ROUNDS = 40
FILL = """
INSERT INTO execution (id, tenant_id, namespace, flow_id, flow_revision, revision_id, state, history, labels, inputs,
    variables, breakpoints, attempt_number, task_run_count, frame, start_date, end_date, updated_at, version, log_seq)
SELECT 'list' || lpad(n::text, 18, '0'), %s, 'bench.n' || n %% 20, 'listed' || n %% 50, 1, 'none',
    CASE WHEN n %% 10 = 0 THEN 'FAILED' ELSE 'SUCCESS' END,
    jsonb_build_array(jsonb_build_object('state', 'CREATED', 'date', '2026-01-01T00:00:00Z'),
                      jsonb_build_object('state', 'SUCCESS', 'date', '2026-01-01T00:00:01Z')),
    jsonb_build_object('team', 't' || n %% 7), '{}', '{}', '[]', 1, 1, '{}',
    timestamptz '2026-01-01' + n * interval '1 second', timestamptz '2026-01-01' + n * interval '1 second',
    clock_timestamp(), 1, 0
FROM generate_series(1, %s) AS n ON CONFLICT DO NOTHING"""
PAGES = {
    "first page": "size=25",
    "state filter": "size=25&filters[state][IN]=FAILED",
    "flow filter": "size=25&filters[namespace][EQUALS]=bench.n3&filters[flowId][EQUALS]=listed3",
    "label filter": "size=25&filters[labels][EQUALS][team]=t3",
    "page 400": "size=25&page=400",
}


def measure(instance: Instance, count: int = COUNT) -> dict[str, object]:
    with instance.database() as database:
        database.execute(FILL, [TENANT, count])
        database.execute("ANALYZE execution")
    instance.hang_up()
    figures: dict[str, object] = {"figure": f"lists of {count} executions", "bar": "100 ms p95"}
    for name, query in PAGES.items():
        took = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            instance.ask("GET", f"/api/v1/{TENANT}/executions/search?{query}")
            took.append((time.perf_counter() - began) * 1000)
        took.sort()
        figures[name] = {"p50_ms": round(statistics.median(took), 1), "p95_ms": round(took[int(ROUNDS * 0.95)], 1)}
    return figures


if __name__ == "__main__":
    with running_instance() as instance:
        print(measure(instance))
