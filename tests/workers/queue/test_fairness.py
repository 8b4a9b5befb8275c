"""A tenant with a long queue does not hold up another's start: figures of one run, compared with each other."""

from __future__ import annotations

import time

import pytest
from django.db import connection

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.ids import new_id
from workers.queue.lines import Lines, Subscribed, lines_of
from workers.queue.queue import Claim

pytestmark = pytest.mark.django_db
FILL = """
INSERT INTO job (id, tenant_id, group_key, kind, subject_id, part_id, attempt, key, payload, phase, due_at, offered_at,
    offers, worker_id, claim_request, last_report, fallback)
SELECT left(md5(%(tenant)s || %(mark)s || n), 22), %(tenant)s, %(line)s, 'run', left(md5(%(mark)s || n), 22), '', 1, '',
    '{}', 'queued', clock_timestamp() - make_interval(secs => 10000 - n / 10), clock_timestamp(), 1, '', '', '', ''
FROM generate_series(1, %(jobs)s) n"""
ROUNDS = 40
BIG, SMALL = "many", "zsmall"


def fill(tenant: str, jobs: int, line: str = "default") -> None:
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(FILL, {"tenant": tenant, "line": line, "jobs": jobs, "mark": new_id()})


def claims_until_served(lines: Lines | None, most: int) -> int:
    """How many claims of busy workers pass until the small tenant's one job is in somebody's hand."""
    fill(SMALL, 1)
    for count in range(1, 100):
        taken = Claim("default", new_id(), new_id(), most, lines).run()
        if any(job.tenant_id == SMALL for job in taken):
            return count
    raise AssertionError("it is never served")


@pytest.mark.parametrize("jobs", [2_000, pytest.param(50_000, marks=pytest.mark.nightly)])
@pytest.mark.parametrize("most", [1, 8])
def test_the_next_but_one_claim_serves_whoever_waits_beside_a_long_queue(db: None, jobs: int, most: int) -> None:
    fill(BIG, jobs)
    counts = [claims_until_served(None, most) for _ in range(ROUNDS)]
    print(f"N={jobs}, {ROUNDS} starts, jobs asked for at once {most}: at most {max(counts)} claims until served")
    assert max(counts) <= 2


def test_a_long_queue_of_tags_holds_up_no_other_line_either(db: None) -> None:
    lines = lines_of("default", 8, [Subscribed("default", 0, "ELASTIC", ()), Subscribed("gpu", 0, "ELASTIC", ())])
    fill(BIG, 2_000, "queue:gpu")
    fill(BIG, 2_000)
    assert max(claims_until_served(lines, 1) for _ in range(ROUNDS)) <= 4


@pytest.mark.nightly
def test_fifty_thousand_waiting_jobs_at_most_double_the_time_until_another_tenant_begins(db: None) -> None:
    """The time between its order and its claim, by workers that always find something to do."""

    def p95() -> float:
        spent = []
        for _ in range(5 * ROUNDS):
            began = time.perf_counter()
            claims_until_served(None, 1)
            spent.append(time.perf_counter() - began)
        return sorted(spent)[int(len(spent) * 0.95)]

    fill(BIG, 20 * ROUNDS)
    quiet = p95()
    fill(BIG, 50_000)
    loaded = p95()
    print(f"N=50000: p95 quiet {quiet * 1000:.1f} ms, beside them {loaded * 1000:.1f} ms")
    assert loaded <= 2 * quiet
