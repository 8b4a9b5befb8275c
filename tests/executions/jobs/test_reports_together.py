"""What a worker reports of several executions is folded in as few transactions as their locks allow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TypeVar

import pytest
from django.db import connections

from control_plane.kernel.scope import tenant_scope
from executions.jobs.kinds import ExecutionJobs
from executions.models import Execution
from executions.record.transitions import locked
from tests.cast import ACME, Cast, make_cast
from tests.executions.ground import FakeWorker, ended, log_flow, row, save, start, task_runs
from workers.queue import leases
from workers.queue.kinds import Claimant, Folded, JobReports

pytestmark = pytest.mark.django_db

R = TypeVar("R")
LIMITED = f"{log_flow('limited')}\nconcurrency: {{limit: 5, behavior: QUEUE}}"
LOOP = """
id: looping
namespace: prod.data
tasks:
  - id: over
    type: io.kestra.plugin.core.flow.Loop
    values: [a, b, c, d]
    concurrencyLimit: 3
    tasks: [{id: say, type: io.kestra.plugin.core.log.Log, message: "{{ item.value }}"}]
"""


@pytest.fixture
def folded(monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """The executions of each transaction, in order."""
    seen: list[set[str]] = []

    class Seen(ExecutionJobs):
        def take_reports(self, told: Sequence[JobReports], claim: Claimant | None) -> Folded:
            folded = super().take_reports(told, claim)
            done = {each.subject_id for each in told} - {each.subject_id for each in folded.left}
            seen.extend([done] if done else [])
            return folded

    handler = Seen()
    monkeypatch.setattr(leases, "handler_of", lambda kind: handler)
    return seen


def test_executions_that_end_together_end_in_one_transaction(people: Cast, folded: list[set[str]]) -> None:
    save(people, log_flow())
    begun = {start(people).id for _ in range(4)}
    after = start(people).id
    worker = FakeWorker()
    answer = worker.report(*map(ended, worker.claim(4)), want=2)
    assert folded == [begun]
    assert [result.status for result in answer.results] == ["ok"] * 4
    assert {row(each).state for each in begun} == {"SUCCESS"}
    assert [job.execution_id for job in answer.jobs] == [after]


def test_one_transaction_holds_no_more_than_so_many(people: Cast, folded: list[set[str]]) -> None:
    save(people, log_flow())
    for _ in range(leases.MOST_TOGETHER + 1):
        start(people)
    worker = FakeWorker()
    worker.report(*map(ended, worker.claim(leases.MOST_TOGETHER + 1)))
    assert [len(each) for each in folded] == [leases.MOST_TOGETHER, 1]


def test_who_frees_a_place_of_a_flow_holds_no_other_execution(people: Cast, folded: list[set[str]]) -> None:
    save(people, LIMITED)
    save(people, log_flow())
    limited = [start(people, "limited").id for _ in range(2)]
    others = {start(people).id for _ in range(2)}
    worker = FakeWorker()
    worker.report(*map(ended, worker.claim(4)))
    assert folded == [others, *({each} for each in limited)]
    assert {row(each).state for each in (*limited, *others)} == {"SUCCESS"}


def test_turns_of_one_loop_are_counted_together(people: Cast, folded: list[set[str]]) -> None:
    save(people, LOOP)
    loop = start(people, "looping").id
    worker = FakeWorker()
    jobs = worker.claim(8)
    assert len(jobs) == 3
    answer = worker.report(*map(ended, jobs), want=8)
    assert folded == [{job.execution_id for job in jobs}]
    (run,) = task_runs(loop)
    assert run.outputs["terminatedIterations"] == {"SUCCESS": 3}
    assert run.outputs["runningIterations"] == 1
    worker.report(*map(ended, answer.jobs))
    assert row(loop).state == "SUCCESS"


def test_turns_of_different_loops_are_folded_by_themselves(people: Cast, folded: list[set[str]]) -> None:
    save(people, LOOP)
    save(people, log_flow())
    loops, alone = [start(people, "looping").id for _ in range(2)], start(people).id
    worker = FakeWorker()
    jobs = worker.claim(8)
    worker.report(*map(ended, jobs))
    assert sorted(map(len, folded)) == [1, 1, 1, 1, 3]
    assert row(alone).state == "SUCCESS"
    assert [task_runs(each)[0].outputs["terminatedIterations"] for each in loops] == [{"SUCCESS": 3}] * 2


def test_what_is_reported_of_nobody_stops_none_of_the_others(people: Cast, folded: list[set[str]]) -> None:
    save(people, log_flow())
    kept, gone = (start(people).id for _ in range(2))
    worker = FakeWorker()
    jobs = worker.claim(2)
    with tenant_scope(ACME):
        Execution.objects.filter(pk=gone).delete()
    answer = worker.report(*map(ended, jobs))
    assert {result.job_id.split(".")[1]: result.status for result in answer.results} == {kept: "ok", gone: "gone"}
    assert folded == [{kept}, {gone}]


@pytest.mark.django_db(transaction=True)
def test_an_execution_that_somebody_holds_keeps_no_other_from_ending(folded: list[set[str]]) -> None:
    people = make_cast()
    save(people, log_flow())
    held, free = (start(people).id for _ in range(2))
    worker = FakeWorker()
    jobs = worker.claim(2)
    is_held, let_go = Event(), Event()

    def hold() -> None:
        with tenant_scope(ACME):
            locked(held)
            is_held.set()
            let_go.wait(30)

    with ThreadPoolExecutor(2) as threads:
        holding = threads.submit(_in_a_thread, hold)
        assert is_held.wait(30)
        told = threads.submit(_in_a_thread, lambda: worker.report(*map(ended, jobs)))
        while row(free).state != "SUCCESS":
            assert not told.done()
        assert row(held).state == "RUNNING"
        let_go.set()
        assert [result.status for result in told.result(30).results] == ["ok", "ok"]
        holding.result(30)
    assert folded == [{free}, {held}]
    assert row(held).state == "SUCCESS"


def _in_a_thread(act: Callable[[], R]) -> R:
    try:
        return act()
    finally:
        connections.close_all()
