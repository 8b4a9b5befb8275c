"""What runs and is owned by nobody is found, named and brought on: each such state is made by hand."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from executions.maintenance.timers import fire_due_timers
from executions.maintenance.unowned import Sweeper, repaired
from executions.models import ConcurrencySlot, Execution, LogEntry
from executions.services.acting import kill_execution
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, ended, log_flow, row, save, start, task_runs
from workers.runtime.protocol import Item

pytestmark = pytest.mark.django_db
CORE = "io.kestra.plugin.core"


def flow(flow_id: str, task: str, more: str = "") -> str:
    return f"id: {flow_id}\nnamespace: prod.data\n{more}\ntasks:\n  - {{id: t, type: {CORE}.{task}}}\n"


def sweep() -> None:
    Sweeper(patience=0.0).repair_unowned()


def by_hand(statement: str, *values: object) -> None:
    with tenant_scope(ACME), connection.cursor() as cursor:
        cursor.execute(statement, list(values))
        assert cursor.rowcount > 0, "nothing was broken"


def total(missing: str) -> float:
    return float(repaired.labels(missing=missing)._value.get())


def warned(execution_id: str) -> list[str]:
    with tenant_scope(ACME):
        rows = LogEntry.objects.filter(execution_id=execution_id, message__startswith="Repaired: ")
        return list(rows.order_by("seq").values_list("message", flat=True))


def test_what_is_owned_is_left_alone(people: Cast):
    save(people, log_flow())
    save(people, flow("pauses", "flow.Pause"))
    save(people, flow("narrow", "log.Log, message: x", "concurrency: {limit: 1, behavior: QUEUE}"))
    ids = [start(people, name).id for name in ("hello", "pauses", "narrow", "narrow")]
    before = [row(each).version for each in ids]
    sweep()
    assert [row(each).version for each in ids] == before
    assert warned(ids[0]) == []


@pytest.mark.parametrize("is_claimed", [False, True])
def test_a_task_without_its_job_gets_one(people: Cast, is_claimed: bool, caplog: pytest.LogCaptureFixture):
    save(people, log_flow())
    execution_id = start(people).id
    worker = FakeWorker()
    if is_claimed:
        (job,) = worker.claim()
        worker.report(Item(job_id=job.id, attempt=1, started=True))
    by_hand("DELETE FROM job WHERE subject_id = %s", execution_id)
    count = total("job")
    with caplog.at_level(logging.WARNING):
        sweep()
    assert total("job") == count + 1
    assert execution_id in caplog.text and "its job is gone" in caplog.text
    assert "its job is gone" in warned(execution_id)[0]
    worker.work_off()
    assert row(execution_id).state == "SUCCESS"


def test_a_killed_execution_whose_job_is_gone_ends(people: Cast):
    save(people, log_flow())
    execution_id = start(people).id
    worker = FakeWorker()
    (job,) = worker.claim()
    worker.report(Item(job_id=job.id, attempt=1, started=True))
    kill_execution(people.olga.context(ACME), execution_id=execution_id)
    assert row(execution_id).state == "KILLING"
    by_hand("DELETE FROM job WHERE subject_id = %s", execution_id)
    sweep()
    assert row(execution_id).state == "KILLED"


def test_an_evaluation_without_its_job_fails_the_task(people: Cast):
    save(
        people,
        flow("asks", "flow.If, condition: \"{{ kv('k') }}\", then: [{id: l, type: " + CORE + ".log.Log, message: x}]"),
    )
    execution_id = start(people, "asks").id
    by_hand("DELETE FROM job WHERE subject_id = %s", execution_id)
    sweep()
    assert row(execution_id).state == "FAILED"
    assert "whose job is gone" in warned(execution_id)[0]


def test_a_retry_whose_timer_is_gone_is_due(people: Cast):
    save(people, flow("tries", "log.Log, message: x, retry: {type: constant, interval: PT1H, maxAttempts: 3}"))
    execution_id = start(people, "tries").id
    worker = FakeWorker()
    worker.work_off(lambda job: ended(job, state="FAILED", error="no"))
    by_hand("DELETE FROM timer WHERE execution_id = %s", execution_id)
    sweep()
    assert worker.work_off() == 1
    assert row(execution_id).state == "SUCCESS"


def child_of(parent_id: str) -> Execution:
    with tenant_scope(ACME):
        return Execution.objects.get(parent_id=parent_id)


@pytest.fixture
def parent(people: Cast) -> str:
    save(people, log_flow())
    save(people, flow("parent", "flow.Subflow, namespace: prod.data, flowId: hello"))
    return start(people, "parent").id


def test_a_parent_that_was_not_told_of_the_end_is_told(parent: str):
    child = child_of(parent)
    by_hand("UPDATE execution SET parent_task_run_id = NULL WHERE id = %s", child.id)
    FakeWorker().work_off()
    by_hand("UPDATE execution SET parent_task_run_id = %s WHERE id = %s", child.parent_task_run_id, child.id)
    assert (row(child.id).state, row(parent).state) == ("SUCCESS", "RUNNING")
    sweep()
    assert row(parent).state == "SUCCESS"
    assert "was not told" in warned(parent)[0]


def test_a_parent_whose_child_is_gone_fails(parent: str):
    child = child_of(parent).id
    for table in ("job", "task_run", "execution"):
        column = {"job": "subject_id", "task_run": "execution_id", "execution": "id"}[table]
        by_hand(f"DELETE FROM {table} WHERE {column} = %s", child)
    sweep()
    assert row(parent).state == "FAILED"


def test_a_place_that_an_ended_execution_holds_goes_to_who_waits(people: Cast):
    save(people, flow("narrow", "log.Log, message: x", "concurrency: {limit: 1, behavior: QUEUE}"))
    first, second = start(people, "narrow").id, start(people, "narrow").id
    assert row(second).state == "QUEUED"
    by_hand("UPDATE execution SET end_date = now(), state = 'SUCCESS', frame = '{}' WHERE id = %s", first)
    by_hand("UPDATE task_run SET state = 'SUCCESS' WHERE execution_id = %s", first)
    by_hand("DELETE FROM job WHERE subject_id = %s", first)
    count = total("place")
    sweep()
    assert total("place") == count + 1
    assert FakeWorker().work_off() == 1
    assert row(second).state == "SUCCESS"
    with tenant_scope(ACME):
        assert not ConcurrencySlot.objects.exists()


def test_one_that_was_not_told_of_its_place_begins(people: Cast):
    save(people, flow("narrow", "log.Log, message: x", "concurrency: {limit: 1, behavior: QUEUE}"))
    first, second = start(people, "narrow").id, start(people, "narrow").id
    by_hand("UPDATE concurrency_slot SET execution_id = %s WHERE execution_id = %s", second, first)
    sweep()
    assert row(second).state != "QUEUED"


def test_one_whose_date_no_timer_knows_begins(people: Cast):
    save(people, log_flow())
    execution_id = start(people, schedule_date=now() + timedelta(seconds=1)).id
    by_hand("UPDATE execution SET schedule_date = now() WHERE id = %s", execution_id)
    by_hand("DELETE FROM timer WHERE execution_id = %s", execution_id)
    sweep()
    fire_due_timers()
    assert FakeWorker().work_off() == 1
    assert row(execution_id).state == "SUCCESS"


def test_one_of_which_nothing_is_open_is_ended(people: Cast):
    save(people, log_flow())
    execution_id = start(people).id
    by_hand("DELETE FROM job WHERE subject_id = %s", execution_id)
    by_hand("DELETE FROM task_run WHERE execution_id = %s", execution_id)
    sweep()
    assert row(execution_id).state == "KILLED"
    assert "nothing of it was open" in warned(execution_id)[0]


def test_one_of_two_lanes_is_found_beside_one_that_goes_on(people: Cast):
    lanes = "\n".join(f"      - {{id: l{n}, type: {CORE}.log.Log, message: x}}" for n in (1, 2))
    save(
        people,
        f"id: lanes\nnamespace: prod.data\ntasks:\n  - id: p\n    type: {CORE}.flow.Parallel\n    tasks:\n{lanes}",
    )
    execution_id = start(people, "lanes").id
    lost = next(run for run in task_runs(execution_id) if run.task_id == "l1")
    by_hand("DELETE FROM job WHERE part_id = %s", lost.id)
    sweep()
    assert len(warned(execution_id)) == 1
    assert FakeWorker().work_off() == 2
    assert row(execution_id).state == "SUCCESS"


def test_two_sweeps_at_once_repair_once_and_patience_is_kept(people: Cast):
    save(people, log_flow())
    execution_id = start(people).id
    by_hand("DELETE FROM job WHERE subject_id = %s", execution_id)
    Sweeper(patience=3600.0).repair_unowned()
    assert warned(execution_id) == []
    for _ in range(2):
        sweep()
    assert len(warned(execution_id)) == 1


def test_a_sweep_comes_at_its_own_pace(monkeypatch: pytest.MonkeyPatch):
    looked: list[str] = []
    monkeypatch.setattr(Sweeper, "_repair_tenant", lambda self, tenant: looked.append(tenant))
    monkeypatch.setattr("executions.maintenance.unowned._tenants", lambda: ["acme"])
    seconds = iter([0.0, 0.0, 1.0, 31.0, 31.0])
    clock: Callable[[], float] = lambda: next(seconds)  # noqa: E731  # a clock that is told the time
    sweeper = Sweeper(clock=clock)
    for _ in range(3):
        assert sweeper.repair_unowned() is False
    assert looked == ["acme", "acme"]
