"""Bad luck at small numbers: nothing lost, nothing twice, nothing stuck."""

from __future__ import annotations

import signal
import time

import pytest

from tests.faults.conftest import Drill

pytestmark = pytest.mark.faults


def test_a_killed_worker_loses_its_attempt_and_nothing_else(drill: Drill) -> None:
    execution = drill.start("slow")
    drill.wait(lambda: drill.running_attempts(execution))
    drill.process("worker").send_signal(signal.SIGKILL)
    drill.wait(lambda: drill.state(execution) == "SUCCESS")
    attempts = drill.one("SELECT attempts FROM task_run WHERE execution_id = %s", execution)
    assert [attempt["history"][-1]["state"] for attempt in attempts] == ["RESUBMITTED", "SUCCESS"]
    drill.assert_whole()


def test_a_web_process_killed_between_commit_and_ticket_loses_nothing(drill: Drill) -> None:
    before = drill.one("SELECT count(*) FROM execution WHERE flow_id = 'quick'")
    web = drill.process("web").pid
    drill.flag.touch()
    drill.start_if_it_can("quick")
    drill.wait(lambda: not drill.flag.exists())
    drill.wait(lambda: drill.process("web").pid != web)
    drill.wait(lambda: drill.start_if_it_can("quick"))
    assert drill.one("SELECT count(*) FROM execution WHERE flow_id = 'quick'") == before + 2
    drill.wait(lambda: drill.one("SELECT count(*) FROM execution WHERE end_date IS NULL") == 0)
    drill.assert_whole()


def test_a_flushed_broker_costs_only_time(drill: Drill) -> None:
    drill.wait(lambda: not drill.one("SELECT count(*) FROM execution WHERE end_date IS NULL"))
    worker = drill.process("worker")
    worker.suspend()
    try:
        executions = drill.start_many("quick", 500)
        assert drill.one("SELECT count(*) FROM job WHERE phase = 'queued'") >= 490
        with drill.broker() as broker:
            assert broker.llen("orrery.default") > 0
            broker.flushall()
            assert broker.llen("orrery.default") == 0
    finally:
        worker.resume()
    drill.wait(lambda: drill.all_ended(executions))
    attempts = "SELECT count(*) FROM task_run WHERE execution_id = ANY(%s) AND jsonb_array_length(attempts) > 1"
    assert drill.one(attempts, executions) <= 8
    drill.assert_whole()


def test_a_stopped_worker_that_comes_back_writes_nothing_stale(drill: Drill) -> None:
    execution = drill.start("slow")
    drill.wait(lambda: drill.running_attempts(execution))
    worker = drill.process("worker")
    worker.suspend()
    drill.wait(
        lambda: drill.one("SELECT jsonb_array_length(attempts) FROM task_run WHERE execution_id = %s", execution)
    )
    drill.wait(lambda: drill.one("SELECT count(*) FROM job WHERE subject_id = %s AND phase = 'queued'", execution))
    worker.resume()
    drill.wait(lambda: drill.state(execution) == "SUCCESS")
    drill.assert_whole()


def test_a_database_that_stops_under_load_loses_no_accepted_start(drill: Drill) -> None:
    accepted = [drill.start("quick") for _ in range(5)]
    postgres = drill.process("postgres")
    while postgres.parent() is not None and "postgres" in (postgres.parent().cmdline() or [""])[0]:
        postgres = postgres.parent()
    postgres.send_signal(signal.SIGQUIT)
    deadline = time.monotonic() + 40
    later: list[str] = []
    while len(later) < 5 and time.monotonic() < deadline:
        started = drill.start_if_it_can("quick")
        later += [started] if started else []
    assert len(later) == 5
    drill.wait(lambda: drill.all_ended(accepted + later))
    drill.assert_whole()
