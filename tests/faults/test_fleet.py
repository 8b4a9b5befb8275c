"""Real workers, one busy and one free, one shut out, one that leaves: no job waits where it need not."""

from __future__ import annotations

import shutil
import tempfile
import time
from functools import partial
from pathlib import Path

import pytest

from tests.faults.conftest import LOG, SHELL, SLEEP, Cluster, Drill

pytestmark = pytest.mark.faults

AT_ONCE = 3.0
"""Seconds: less than a free slot waits until it asks by itself, and than a job waits until it is offered again."""


def started_by(drill: Drill, execution_id: str) -> str:
    return str(drill.one("SELECT worker_id FROM job WHERE subject_id = %s AND phase = 'started'", execution_id) or "")


def queued_tickets(drill: Drill, group: str) -> int:
    with drill.broker() as broker:
        return int(broker.llen(f"orrery.{group}"))


def longest_wait(drill: Drill, execution_ids: list[str]) -> float:
    """Seconds that a task run stood in CREATED, by the database's clock."""
    statement = """
        SELECT max(EXTRACT(EPOCH FROM (history -> 1 ->> 'date')::timestamptz - (history -> 0 ->> 'date')::timestamptz))
        FROM task_run WHERE execution_id = ANY(%s)"""
    return float(drill.one(statement, execution_ids))


def test_no_ticket_waits_at_a_busy_worker_while_another_is_free(steady_cluster: Cluster) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    long = cluster.save("long", f"id: s, {SLEEP}")
    quick = cluster.save("quick", f"id: q, {LOG}, message: q")
    first, second = cluster.hire(slots="1"), cluster.hire(slots="1")
    busy = drill.start(long)
    drill.wait(lambda: started_by(drill, busy))
    for _ in range(3):
        executions = drill.start_many(quick, 10)
        drill.wait(partial(drill.all_ended, executions), 10)
        drill.wait(lambda: drill.held_tickets(cluster.key) == 0, 2)
        assert longest_wait(drill, executions) < AT_ONCE
    assert drill.running_attempts(busy) == 1
    drill.kill(busy)
    drill.wait(lambda: drill.state(busy) == "KILLED", 5)
    assert first.stop() == second.stop() == 0
    drill.assert_whole()


def test_a_worker_whose_slots_are_all_busy_holds_neither_a_ticket_nor_a_job_that_it_cannot_begin(
    steady_cluster: Cluster,
) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    long = cluster.save("long", f"id: s, {SLEEP}")
    quick = cluster.save("quick", f"id: q, {LOG}, message: q")
    cluster.hire(slots="2")
    busy = drill.start_many(long, 2)
    drill.wait(lambda: all(drill.running_attempts(each) for each in busy))
    waiting = drill.start_many(quick, 5)
    held = "SELECT count(*) FROM job WHERE subject_id = ANY(%s) AND phase <> 'queued'"
    drill.wait(lambda: queued_tickets(drill, cluster.key) >= 5)
    drill.wait(lambda: drill.held_tickets(cluster.key) == 0, 2)
    assert drill.one(held, waiting) == 0
    cluster.hire(slots="1")
    drill.wait(lambda: drill.all_ended(waiting), 10)
    for each in busy:
        drill.kill(each)
    drill.wait(lambda: all(drill.state(each) == "KILLED" for each in busy), 5)
    drill.assert_whole()


def test_an_open_question_of_a_remote_worker_takes_no_job_that_it_cannot_begin(steady_cluster: Cluster) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    long = cluster.save("long", f"id: s, {SLEEP}")
    quick = cluster.save("quick", f"id: q, {LOG}, message: q")
    token, _ = cluster.remote_token()
    cluster.hire(token, slots="1")
    busy = drill.start(long)
    drill.wait(lambda: started_by(drill, busy))
    executions = drill.start_many(quick, 5)
    cluster.hire(token, slots="1")
    drill.wait(lambda: drill.all_ended(executions), 10)
    began = time.monotonic()
    drill.kill(busy)
    drill.wait(lambda: drill.state(busy) == "KILLED", 5)
    assert time.monotonic() - began < AT_ONCE
    drill.assert_whole()


def test_a_revoked_token_gets_nothing_and_its_job_runs_elsewhere(drill: Drill, cluster: Cluster) -> None:
    flow = cluster.save("steps", f'id: s, {SHELL}, commands: ["echo begun", "sleep 4", "echo done"]')
    token, token_id = cluster.remote_token()
    shut_out = cluster.hire(token, slots="1")
    running = drill.start(flow)
    waiting = drill.start(flow)
    drill.wait(lambda: started_by(drill, running) or started_by(drill, waiting))
    drill.instance.ask("POST", f"/api/v1/instance/worker-groups/{cluster.key}/tokens/{token_id}/revoke")
    claimed = "SELECT count(*) FROM job WHERE subject_id = ANY(%s) AND claimed_at > now() - interval '1 second'"
    assert shut_out.process.wait(15) == 1
    assert "no longer accepted" in shut_out.log
    drill.wait(
        lambda: drill.one("SELECT count(*) FROM job WHERE group_key = %s AND phase = 'queued'", cluster.key) == 2
    )
    assert drill.one(claimed, [running, waiting]) == 0
    cluster.hire(cluster.remote_token()[0], slots="2")
    drill.wait(lambda: drill.all_ended([running, waiting]), 30)
    states = drill.one(
        "SELECT jsonb_agg(jsonb_array_length(attempts) ORDER BY jsonb_array_length(attempts)) FROM task_run"
        " WHERE execution_id = ANY(%s)",
        [running, waiting],
    )
    assert states == [1, 2]
    drill.assert_whole()


def test_a_worker_asked_to_end_finishes_what_is_short_and_hands_back_what_is_long(steady_cluster: Cluster) -> None:
    cluster, drill = steady_cluster, steady_cluster.drill
    sign = Path(tempfile.mkdtemp(prefix="orrery-sign-"))
    sign.chmod(0o755)
    short = cluster.save("short", f'id: s, {SHELL}, commands: ["until [ -e {sign}/end ]; do sleep 0.1; done"]')
    once = "if [ {{ taskrun.attemptsCount }} -eq 0 ]; then sleep 60; fi"
    long = cluster.save("long", f'id: s, {SHELL}, commands: ["{once}"]')
    leaving = cluster.hire(slots="2", drain_seconds="5")
    executions = [drill.start(short), drill.start(long)]
    drill.wait(lambda: all(started_by(drill, each) for each in executions))
    cluster.hire(slots="1")
    leaving.process.terminate()
    drill.wait(lambda: "draining" in leaving.log)
    (sign / "end").touch()
    assert leaving.process.wait(20) == 0
    shutil.rmtree(sign)
    assert drill.state(executions[0]) == "SUCCESS"
    retaken = "SELECT state IN ('RUNNING', 'SUCCESS') FROM task_run WHERE execution_id = %s AND attempts <> '[]'"
    drill.wait(lambda: drill.one(retaken, executions[1]), AT_ONCE)
    drill.wait(lambda: drill.all_ended(executions), 20)
    attempts = [drill.one("SELECT attempts FROM task_run WHERE execution_id = %s", each) for each in executions]
    ends = [[attempt["history"][-1]["state"] for attempt in each] for each in attempts]
    assert ends == [["SUCCESS"], ["RESUBMITTED", "SUCCESS"]]
    left = "SELECT left_at IS NOT NULL FROM worker WHERE group_id = %s ORDER BY started_at LIMIT 1"
    assert drill.one(left, cluster.key) is True
    drill.assert_whole()
