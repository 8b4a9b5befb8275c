"""A long trail searched over the API: by who and when, by a `key:value`, by a text; and how fast it is indexed.

In this process, on a PostgreSQL of its own. Another number of entries than the promised one may be given.
"""

from __future__ import annotations

import hashlib
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import psutil
import psycopg

from tests.bench.bench_audit import cpu_of, ground, process_of
from tests.bench.results import show

ENTRIES, ASKED = 1_000_000, 60
ACTORS, FLOWS, SECONDS_APART = 200, 500, 2
BAR = "p95 100 ms at 1,000,000 entries"
# Their texts are as `canonical` writes what a start tells: searches compare them.
_FILL = """
INSERT INTO audit_entry (id, tenant_id, seq, at, actor_kind, actor_id, actor_name, action, resource, object_id,
    namespace, is_refused, request_id, ip, body, previous, hash)
SELECT id, 'acme', n, at, 'USER', actor_id, actor_name, 'CREATE', 'EXECUTION', object_id, namespace, false, id,
    '10.0.0.1', '{"action":"CREATE","actor_id":"' || actor_id || '","actor_kind":"USER","actor_name":"' || actor_name
    || '","after":{"flowId":"flow-' || (n * 7919) %% %(flows)s || '","id":"' || object_id || '","revision":' || n %% 9
    || '},"at":"2026-01-01T00:00:00Z","before":null,"command":"executions.services.starting.start_execution",'
    || '"credential":{"id":"' || actor_id || '","kind":"TOKEN"},"detail":{},"id":"' || id
    || '","ip":"10.0.0.1","is_refused":false,"namespace":"' || namespace || '","object_id":"' || object_id
    || '","request_id":"' || id || '","resource":"EXECUTION","tenant_id":"acme"}', '', ''
FROM (
    SELECT n, lpad(n::text, 22, 'x') AS id, now() - make_interval(secs => (%(count)s - n) * %(apart)s) AS at,
        'actor-' || n %% %(actors)s AS actor_id, 'person' || n %% %(actors)s || '@acme.test' AS actor_name,
        substr(md5(n::text), 1, 22) AS object_id, 'prod.team' || n %% 20 AS namespace
    FROM generate_series(1::bigint, %(count)s) n
) told
"""
_HEAD = """
INSERT INTO audit_head (tenant_id, seq, previous, hash) VALUES ('acme', %(count)s, '', '')
ON CONFLICT (tenant_id) DO UPDATE SET seq = excluded.seq
"""


def fill(database: psycopg.Connection[Any], count: int) -> None:
    """A chain whose links are not computed: nobody verifies it here."""
    given = {"count": count, "apart": SECONDS_APART, "actors": ACTORS, "flows": FLOWS}
    database.execute("SET session_replication_role = replica")
    database.execute("DELETE FROM audit_entry WHERE tenant_id = 'acme'")
    for statement in (_FILL, _HEAD):
        database.execute(statement, given)
    database.execute("VACUUM ANALYZE audit_entry")


def index(database: psutil.Process) -> dict[str, object]:
    """Entries a second, and milliseconds of CPU an entry, here and in PostgreSQL."""
    from audit.models import AuditCursor
    from audit.searching.index import AT_ONCE, SearchIndex
    from audit.shipping.shipper import Shipper
    from control_plane.kernel.scope import tenant_scope
    from tests.cast import ACME

    began, here, there = time.perf_counter(), time.process_time(), cpu_of(database)
    shipper = Shipper([SearchIndex()], AT_ONCE)
    while shipper.ship():
        continue
    took, here, there = time.perf_counter() - began, time.process_time() - here, cpu_of(database) - there
    with tenant_scope(ACME):
        count = AuditCursor.objects.get(destination=SearchIndex.name).seq
    return {
        "indexed_a_second": round(count / took),
        "index_cpu_ms": round(here * 1000 / count, 3),
        "index_database_cpu_ms": round(there * 1000 / count, 3),
    }


def p95(ask: Callable[[str], int], queries: list[str]) -> tuple[float, float]:
    """Of these: the median and the 95th of 100, in milliseconds. The first five warm what is kept."""
    took = []
    for query in queries:
        began = time.perf_counter()
        assert ask(query) > 0, query
        took.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(took[5:]), 1), round(statistics.quantiles(took[5:], n=20)[-1], 1)


def queries(count: int) -> dict[str, list[str]]:
    from control_plane.kernel.words.clock import iso, now

    dice, since = random.Random(7), now().timestamp() - count * SECONDS_APART

    def actor() -> str:
        return f"userId=actor-{dice.randrange(ACTORS)}"

    def from_a_day_on() -> str:
        start = type(now()).fromtimestamp(since + dice.random() * count * SECONDS_APART / 2, now().tzinfo)
        return f"{actor()}&filters[startDate][GREATER_THAN]={iso(start)}"

    def text() -> str:
        beginning = hashlib.md5(str(dice.randrange(1, count)).encode(), usedforsecurity=False).hexdigest()[:10]
        return dice.choice([f"person{dice.randrange(ACTORS)}@", f"prod.team{dice.randrange(20)}", beginning])

    one = "filters[details][EQUALS]"
    return {
        "actor_and_time": [from_a_day_on() for _ in range(ASKED)],
        "detail": [f"{one}[flowId]=flow-{dice.randrange(FLOWS)}" for _ in range(ASKED)],
        "text": [f"q={text()}" for _ in range(ASKED)],
    }


def measure(count: int) -> dict[str, object]:
    with ground() as postgres:
        from control_plane.embedded.postgres import SUPERUSER
        from tests.cast import ACME, make_person, make_tenant

        owner = make_person("owner@bench.test")
        make_tenant(ACME, owner)
        figures: dict[str, object] = {"figure": "a trail searched", "n": count}
        with psycopg.connect(postgres.url(SUPERUSER), autocommit=True) as database:
            fill(database, count)
            figures |= index(process_of(postgres))
            for table in ("audit_term", "audit_word", "audit_cursor"):
                database.execute(f"VACUUM ANALYZE {table}")
            (size,) = database.execute("SELECT pg_total_relation_size('audit_term') / %s", [count]).fetchone() or (0,)
            figures["bytes_an_entry"] = size

        def ask(query: str) -> int:
            answer = owner.client.get(f"/api/v1/{ACME}/auditlogs/search?{query}")
            assert answer.status_code == 200, answer.content
            return int(answer.json()["total"])

        for name, asked in queries(count).items():
            figures[f"{name}_p50_ms"], figures[f"{name}_p95_ms"] = p95(ask, asked)
    return {**figures, "bar": BAR}


if __name__ == "__main__":
    show("bench_audit_search", measure(int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES))
