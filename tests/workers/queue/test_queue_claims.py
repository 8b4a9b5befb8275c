"""What a worker of a group with several queues gets: in turn, within what is reserved, and only whose it may run."""

from __future__ import annotations

import pytest
from django.db import connection

from control_plane.kernel.scope import across_tenants, tenant_scope
from control_plane.kernel.words.ids import new_id
from workers.queue.lines import Lines, Subscribed, lines_of
from workers.queue.queue import Claim

pytestmark = pytest.mark.django_db
FILL = """
INSERT INTO job (id, tenant_id, group_key, kind, subject_id, part_id, attempt, key, payload, phase, due_at, offered_at,
    offers, worker_id, claim_request, last_report, fallback)
SELECT left(md5(%(line)s || %(tenant)s || n), 22), %(tenant)s, %(line)s, 'run', left(md5(n::text), 22), %(line)s, 1, '',
    '{}', 'queued', clock_timestamp() - make_interval(secs => 10000 - n), clock_timestamp(), 1, '', '', '', ''
FROM generate_series(1, %(jobs)s) n"""


def fill(line: str, jobs: int, tenant: str = "acme") -> None:
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(FILL, {"tenant": tenant, "line": line, "jobs": jobs})


def claim(lines: Lines, most: int, worker: str = "w") -> list[str]:
    """The lines that the jobs taken came from."""
    return [job.group_key for job in Claim("site", worker, new_id(), most, lines).run()]


def served(queue: str, percent: int = 0, mode: str = "ELASTIC", *tenants: str) -> Subscribed:
    return Subscribed(queue, percent, mode, tenants)


def test_one_that_has_much_does_not_starve_the_others(db: None) -> None:
    lines = lines_of("site", 8, [served("a"), served("b")])
    for line in ("queue:a", "queue:b", "site"):
        fill(line, 20)
    assert sorted(claim(lines, 1) + claim(lines, 1) + claim(lines, 1)) == ["queue:a", "queue:b", "site"]


def test_a_claim_for_many_goes_on_to_the_next_line_when_one_has_too_few(db: None) -> None:
    lines = lines_of("site", 8, [served("a"), served("b")])
    fill("queue:a", 2)
    fill("queue:b", 2)
    assert sorted(claim(lines, 8)) == ["queue:a"] * 2 + ["queue:b"] * 2


def test_a_strict_queue_never_gets_more_than_is_reserved_for_it(db: None) -> None:
    lines = lines_of("site", 10, [served("a", 30, "STRICT")])
    fill("queue:a", 20)
    assert claim(lines, 10) == ["queue:a"] * 3
    assert claim(lines, 1) == claim(lines, 7) == []


def test_what_is_reserved_stays_free_for_its_queue(db: None) -> None:
    lines = lines_of("site", 10, [served("a", 30), served("b")])
    fill("queue:b", 20)
    assert claim(lines, 10) == ["queue:b"] * 7
    fill("queue:a", 20)
    assert claim(lines, 3) == ["queue:a"] * 3


def test_an_elastic_queue_uses_what_nobody_has_reserved(db: None) -> None:
    lines = lines_of("site", 10, [served("a", 30), served("b", 20)])
    fill("queue:a", 20)
    assert claim(lines, 10) == ["queue:a"] * 8
    fill("queue:b", 20)
    assert claim(lines, 10) == ["queue:b"] * 2


def test_what_another_worker_has_takes_no_room(db: None) -> None:
    lines = lines_of("site", 10, [served("a", 30, "STRICT")])
    fill("queue:a", 20)
    assert claim(lines, 10, "v") == claim(lines, 10, "w") == ["queue:a"] * 3


@pytest.mark.parametrize("most", [1, 8])
def test_a_queue_that_is_kept_for_a_tenant_gives_nobody_elses_jobs(db: None, most: int) -> None:
    lines = lines_of("site", 8, [served("a", 0, "ELASTIC", "acme")])
    for tenant in ("aaa", "globex", "zzz"):
        fill("queue:a", 3, tenant)
        fill("site", 3, tenant)
    assert claim(lines, most) == []
    fill("queue:a", 3, "acme")
    taken = Claim("site", "w", new_id(), most, lines).run()
    assert {job.tenant_id for job in taken} == {"acme"}


def test_the_same_request_takes_the_same_jobs_of_all_lines(db: None) -> None:
    lines = lines_of("site", 4, [served("a", 50, "STRICT"), served("b")])
    fill("queue:a", 9)
    fill("queue:b", 9)
    request = new_id()
    first = [job.id for job in Claim("site", "w", request, 4, lines).run()]
    again = [job.id for job in Claim("site", "w", request, 4, lines).run()]
    assert sorted(first) == sorted(again)
    assert len(first) == 4


def test_a_claim_of_many_lines_is_one_round_trip(db: None) -> None:
    """However many queues a group serves, a claim asks them in one message."""
    lines = lines_of("site", 8, [served(f"q{number}", 10, "STRICT") for number in range(9)])
    fill("queue:q8", 2)
    with across_tenants("a test counts round trips"):
        asked = Claim("site", "w", new_id(), 1, lines)
        from control_plane.kernel.pipeline import Pipeline

        pipeline = Pipeline()
        asked._put(pipeline.add)
        counted: list[str] = []

        def count(execute, sql, params, many, context):  # type: ignore[no-untyped-def]  # Django's own shape
            counted.append("trip")
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            assert len(asked.take(pipeline.run())) == 1
    assert counted == ["trip"]
