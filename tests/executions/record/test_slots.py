"""No act of a person makes a flow run more executions than its limit allows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import Cast
from tests.executions.ground import FakeWorker, ended, row, save, start, task_runs

pytestmark = pytest.mark.django_db
LIMITED = """
id: one_at_a_time
namespace: prod.data
concurrency: {limit: 1}
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
  - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
"""


def act(people: Cast, execution_id: str, what: str, body: Any = None, status: int = 200) -> Any:
    path = f"/api/v1/acme/executions/{execution_id}/actions/{what}"
    answer = people.olga.client.post(path, body, content_type="application/json")
    assert answer.status_code == status, answer.content
    return answer.json()


@pytest.fixture
def failed(people: Cast) -> str:
    """One that has failed at its second task, and with it given its place away."""
    save(people, LIMITED)
    execution = start(people, "one_at_a_time")
    FakeWorker().work_off(lambda job: ended(job, state="FAILED" if job.task["id"] == "b" else "SUCCESS"))
    assert row(execution.id).state == "FAILED"
    return execution.id


def test_a_restart_takes_a_free_place_again(people: Cast, failed: str) -> None:
    act(people, failed, "restart")
    later = start(people, "one_at_a_time")
    assert later.state == "QUEUED"
    FakeWorker().work_off()
    assert [row(each).state for each in (failed, later.id)] == ["SUCCESS", "RUNNING"]
    FakeWorker().work_off()
    assert row(later.id).state == "SUCCESS"


def test_a_restart_waits_its_turn(people: Cast, failed: str) -> None:
    running = start(people, "one_at_a_time")
    assert act(people, failed, "restart")["state"]["current"] == "QUEUED"
    worker = FakeWorker()
    jobs = worker.claim(8)
    assert {job.execution_id for job in jobs} == {running.id}
    worker.report(*(ended(job) for job in jobs))
    for _ in range(3):
        worker.work_off()
    assert [row(each).state for each in (failed, running.id)] == ["SUCCESS", "SUCCESS"]
    assert [run.task_id for run in task_runs(failed)] == ["a", "b"]


@pytest.mark.parametrize("end", ["unqueue?state=CANCELLED", "kill"])
def test_a_restart_that_waits_can_be_ended_and_restarted(people: Cast, failed: str, end: str) -> None:
    start(people, "one_at_a_time")
    act(people, failed, "restart")
    if end == "kill":
        people.olga.client.delete(f"/api/v1/acme/executions/{failed}/actions/kill")
    else:
        act(people, failed, end)
    assert row(failed).state in ("CANCELLED", "KILLED")
    assert all(run.state not in ("RESTARTED", "RUNNING", "CREATED") for run in task_runs(failed))
    for _ in range(2):
        FakeWorker().work_off()
    act(people, failed, "restart")
    FakeWorker().work_off()
    assert row(failed).state == "SUCCESS"


def test_a_replay_from_a_task_waits_its_turn(people: Cast, failed: str) -> None:
    start(people, "one_at_a_time")
    target = next(run.id for run in task_runs(failed) if run.task_id == "b")
    replay = act(people, failed, f"replay?taskRunId={target}")
    assert replay["state"]["current"] == "QUEUED"
    for _ in range(3):
        FakeWorker().work_off()
    assert row(replay["id"]).state == "SUCCESS"


def test_a_mark_that_would_pass_the_limit_is_refused(people: Cast, failed: str) -> None:
    start(people, "one_at_a_time")
    target = next(run.id for run in task_runs(failed) if run.task_id == "b")
    act(people, failed, "state", {"taskRunId": target, "state": "SUCCESS"}, status=409)
    FakeWorker().work_off()
    act(people, failed, "state", {"taskRunId": target, "state": "SUCCESS"})
    assert row(failed).state == "SUCCESS"
