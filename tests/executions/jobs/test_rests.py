"""A task that only waits takes no slot: a timer brings its end, and a kill brings that forward."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db.models import F

from control_plane.kernel.scope import tenant_scope
from executions.maintenance.timers import fire_due_timers
from executions.maintenance.unowned import Sweeper
from executions.models import LogEntry, Timer
from executions.services.acting import kill_execution
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, row, save, start, task_runs
from tests.executions.worker_at_hand import work_for_real
from workers.models import Job

pytestmark = pytest.mark.django_db
CORE = "io.kestra.plugin.core"


def asleep(people: Cast, tmp_path: Path, more: str = "") -> str:
    task = f"{{id: s, type: {CORE}.flow.Sleep, duration: PT1H{more}}}"
    save(
        people, f"id: sleeps\nnamespace: prod.data\ntasks:\n  - {task}\n  - {{id: l, type: {CORE}.log.Log, message: x}}"
    )
    execution_id = start(people, "sleeps").id
    work_for_real(FakeWorker(), tmp_path)
    return execution_id


def pass_time(hours: float) -> None:
    with tenant_scope(ACME):
        Timer.objects.update(due_at=F("due_at") - timedelta(hours=hours))
    fire_due_timers()


def states(execution_id: str) -> list[str]:
    return [run.state for run in task_runs(execution_id)]


def test_it_runs_without_a_job_until_its_time_has_come(people: Cast, tmp_path: Path):
    execution_id = asleep(people, tmp_path)
    with tenant_scope(ACME):
        assert not Job.objects.exists()
    assert (row(execution_id).state, states(execution_id)) == ("RUNNING", ["RUNNING"])
    Sweeper(patience=0.0).repair_unowned()
    pass_time(0.9)
    assert states(execution_id) == ["RUNNING"]
    pass_time(0.2)
    work_for_real(FakeWorker(), tmp_path)
    assert (row(execution_id).state, states(execution_id)) == ("SUCCESS", ["SUCCESS", "SUCCESS"])
    (attempt,) = task_runs(execution_id)[0].attempts
    assert [step["state"] for step in attempt["history"]] == ["CREATED", "RUNNING", "SUCCESS"]


def test_a_kill_ends_it_at_once(people: Cast, tmp_path: Path):
    execution_id = asleep(people, tmp_path)
    kill_execution(people.olga.context(ACME), execution_id=execution_id)
    fire_due_timers()
    assert (row(execution_id).state, states(execution_id)) == ("KILLED", ["KILLED"])
    with tenant_scope(ACME):
        assert not Timer.objects.exists()


def test_its_timeout_comes_before_its_end(people: Cast, tmp_path: Path):
    execution_id = asleep(people, tmp_path, ", timeout: PT30M")
    pass_time(0.6)
    assert (row(execution_id).state, states(execution_id)) == ("FAILED", ["FAILED"])
    with tenant_scope(ACME):
        lines = list(
            LogEntry.objects.filter(execution_id=execution_id, level="ERROR").values_list("message", flat=True)
        )
    assert lines == ["Timeout after 00:30:00.000"]


def test_in_a_working_directory_it_waits_with_the_others(people: Cast, tmp_path: Path):
    save(
        people,
        f"id: shared\nnamespace: prod.data\ntasks:\n  - id: d\n    type: {CORE}.flow.WorkingDirectory\n    tasks:\n"
        f"      - {{id: s, type: {CORE}.flow.Sleep, duration: PT1.1S}}\n",
    )
    execution_id = start(people, "shared").id
    work_for_real(FakeWorker(), tmp_path)
    assert row(execution_id).state == "SUCCESS"
