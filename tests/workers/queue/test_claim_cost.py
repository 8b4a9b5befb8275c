"""What a claim costs does not depend on how long the queue is or how many tenants wait in it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection

from control_plane.kernel.scope import across_tenants, tenant_scope
from control_plane.kernel.words.ids import new_id
from executions.record.sql import TASK_RUNS
from workers.queue import sql
from workers.queue.queue import Claim

pytestmark = pytest.mark.django_db

GROUP = "default"
NEWEST = "newest"
FILL = """
INSERT INTO job (id, tenant_id, group_key, kind, subject_id, part_id, attempt, key, payload, phase, due_at, offered_at,
    offers, worker_id, claim_request, last_report)
SELECT left(md5(%(tenant)s || n), 22), %(tenant)s, 'default', 'run', left(md5(n::text), 22), '', 1, '', '{}', 'queued',
    clock_timestamp() - make_interval(secs => 10000 - n), clock_timestamp(), 1, '', '', ''
FROM generate_series(%(first)s, %(last)s) n"""


def fill(tenants: int, jobs: int, first: int = 1) -> None:
    """So many jobs of each tenant; the youngest have the highest numbers."""
    for number in range(tenants):
        tenant = f"t{number:03d}"
        with tenant_scope(tenant), connection.cursor() as cursor:
            cursor.execute(FILL, {"tenant": tenant, "first": first, "last": first + jobs - 1})


def pages(statement: str, most: int) -> int:
    """How many pages PostgreSQL looked at to carry it out."""
    values = {"group": GROUP, "most": most, "after": "t007", "worker": "w", "request": new_id(), "lease": 30.0}
    with across_tenants("a test measures a claim"), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", values)
        told: Any = cursor.fetchone()[0]
        plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def pages_as_planned(statement: str, *values: object) -> int:
    """The same of a statement that is planned once for all values, as the pipeline has it."""
    text = "".join(part if not number else f"${number}{part}" for number, part in enumerate(statement.split("%s")))
    with tenant_scope("t000"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE asked AS {text}")
        cursor.execute(
            f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE asked({', '.join(['%s'] * len(values))})", values
        )
        told: Any = cursor.fetchone()[0]
        cursor.execute("DEALLOCATE asked")
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


@pytest.mark.parametrize(
    ("statement", "values"),
    [(sql.LOCK_JOBS, ([NEWEST], "one")), (sql.END_JOB, (NEWEST,)), (TASK_RUNS, ([], [NEWEST], "one"))],
    ids=["lock", "end", "task runs"],
)
def test_a_job_is_found_among_thousands_of_its_tenant_and_of_its_execution(
    db: None, statement: str, values: Sequence[object]
) -> None:
    with tenant_scope("t000"), connection.cursor() as cursor:
        cursor.execute(FILL, {"tenant": "t000", "first": 1, "last": 4000})
        cursor.execute("UPDATE job SET subject_id = 'one', part_id = left(md5(id), 22)")
        cursor.execute("UPDATE job SET id = %s WHERE id = (SELECT id FROM job ORDER BY due_at DESC LIMIT 1)", [NEWEST])
    assert pages_as_planned(statement, *values) < 40


def claim(most: int, group: str = GROUP) -> list[str]:
    """The tenants whose jobs were taken, in order."""
    return [job.tenant_id for job in Claim(group, "w", new_id(), most).run()]


@pytest.mark.parametrize(("name", "most"), [("CLAIM_ONE_AFTER", 1), ("CLAIM_ONE_UP_TO", 1), ("CLAIM", 8)])
def test_a_claim_looks_at_as_many_pages_in_a_long_queue_as_in_a_short_one(db: None, name: str, most: int) -> None:
    statement = getattr(sql, name)
    fill(tenants=10, jobs=20)
    short = pages(statement, most)
    fill(tenants=50, jobs=300, first=21)
    long = pages(statement, most)
    assert long < short * 2, (short, long)


def test_a_claim_for_many_takes_turns_beginning_after_the_tenant_that_was_served_last(db: None) -> None:
    fill(tenants=5, jobs=10)
    rounds = [tenant for _ in range(4) for tenant in claim(3)]
    begin = int(rounds[0][1:])
    assert rounds == [f"t{(begin + step) % 5:03d}" for step in range(12)]


def test_a_claim_for_more_than_there_are_tenants_takes_the_oldest_of_each_in_turn(db: None) -> None:
    fill(tenants=2, jobs=10)
    taken = claim(7)
    assert sorted(taken.count(tenant) for tenant in ("t000", "t001")) == [3, 4]
    assert taken[:6] in (["t000", "t001"] * 3, ["t001", "t000"] * 3)


def test_a_claim_takes_the_oldest_jobs(db: None) -> None:
    fill(tenants=1, jobs=50)
    with across_tenants("a test looks for the oldest"), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM job ORDER BY due_at LIMIT 4")
        oldest = [row[0] for row in cursor.fetchall()]
    assert [job.id for job in Claim(GROUP, "w", new_id(), 4).run()] == oldest


def test_a_claim_for_many_finds_a_job_although_others_hold_all_that_it_looks_at(db: None, servers: Any) -> None:
    import psycopg

    from control_plane.embedded.postgres import SUPERUSER

    fill(tenants=1, jobs=60)
    with psycopg.connect(servers.postgres.url(SUPERUSER)) as other:
        other.execute("SELECT id FROM job ORDER BY due_at LIMIT 55 FOR UPDATE")
        assert len(claim(4)) == 1


def test_the_same_request_never_takes_more_than_it_asked_for(db: None) -> None:
    fill(tenants=3, jobs=10)
    request = new_id()
    first = [job.id for job in Claim(GROUP, "w", request, 4).run()]
    again = [job.id for job in Claim(GROUP, "w", request, 4).run()]
    assert sorted(first) == sorted(again)
    assert len(first) == 4
