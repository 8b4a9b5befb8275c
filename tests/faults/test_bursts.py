"""Bursts of starts: while a slot is free no job waits for it longer than a moment."""

from __future__ import annotations

import threading

import pytest

from tests.faults.conftest import LOG, Cluster, Drill

pytestmark = pytest.mark.faults

BURST, ROUNDS = 200, 4
CLIENTS = 4
A_MOMENT = 3.0
"""Seconds: a free slot asks by itself, and a job is offered again, only after more."""

# By the database's clock: when each task run was ordered, and when its worker began it.
MOMENTS = """
SELECT EXTRACT(EPOCH FROM (task_run.history -> 0 ->> 'date')::timestamptz)::float8,
       EXTRACT(EPOCH FROM (task_run.history -> 1 ->> 'date')::timestamptz)::float8
FROM task_run JOIN execution ON execution.id = task_run.execution_id
WHERE execution.flow_id = %s ORDER BY 2
"""


def burst(drill: Drill, flow: str, count: int) -> None:
    """So many starts by a few clients at once."""
    clients = [threading.Thread(target=drill.start_many, args=(flow, count // CLIENTS)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()


def longest_lull(moments: list[tuple[float, float]]) -> float:
    """The longest time in which nothing began although something was ordered and had not begun."""
    longest, last = 0.0, 0.0
    for due, begun in moments:
        longest = max(longest, begun - max(due, last))
        last = max(last, begun)
    return longest


def settle(drill: Drill, flow: str, count: int) -> None:
    ended = "SELECT count(*) FROM execution WHERE flow_id = %s AND end_date IS NOT NULL"
    drill.wait(lambda: drill.one(ended, flow) >= count, 60)


@pytest.mark.parametrize(("workers", "slots"), [(1, "4"), (2, "1")])
def test_no_job_of_a_burst_waits_while_a_slot_is_free(steady_cluster: Cluster, workers: int, slots: str) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    flow = cluster.save("quick", f"id: q, {LOG}, message: q")
    for _ in range(workers):
        cluster.hire(slots=slots)
    for number in range(1, ROUNDS + 1):
        burst(drill, flow, BURST)
        settle(drill, flow, number * BURST)
    with drill.instance.database() as database:
        moments = database.execute(MOMENTS, [flow]).fetchall()
    assert len(moments) == ROUNDS * BURST
    assert longest_lull(moments) < A_MOMENT
    drill.assert_whole()
