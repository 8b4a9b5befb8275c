"""One execution from its start to its end, as rows."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.executions.ground import FakeWorker, ended, lines_of, log_flow, row, save, start, task_runs

pytestmark = pytest.mark.django_db


def test_a_stored_flow_runs_to_success(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    worker = FakeWorker()
    (job,) = worker.claim()
    assert job.task["message"] == "line 0"
    assert job.execution_id == execution.id
    worker.report(ended(job, "line 0"))
    assert row(execution.id).state == "SUCCESS"
    assert [run.state for run in task_runs(execution.id)] == ["SUCCESS"]
    assert lines_of(execution.id) == [(1, "line 0")]


def test_a_chain_hands_the_next_job_out_with_the_report(people: Cast) -> None:
    save(people, log_flow(tasks=5))
    execution = start(people)
    worker = FakeWorker()
    jobs = worker.claim()
    seen = []
    while jobs:
        (job,) = jobs
        seen.append(job.task["id"])
        jobs = worker.report(ended(job), want=1).jobs
    assert seen == [f"log{number}" for number in range(5)]
    assert row(execution.id).state == "SUCCESS"
