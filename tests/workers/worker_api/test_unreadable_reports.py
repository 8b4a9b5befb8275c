"""Reports that the control plane cannot fold hold nobody else up."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import OperationalError

from executions.jobs.kinds import ExecutionJobs
from tests.cast import make_cast
from tests.executions.ground import FakeWorker, ended, log_flow, row, save, start
from workers.queue import leases
from workers.queue.kinds import Claimant, Folded, JobReports

pytestmark = pytest.mark.django_db


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> dict[str, Exception]:
    """What is raised, by the id of the execution that is told of."""
    found: dict[str, Exception] = {}

    class Poisoned(ExecutionJobs):
        def take_reports(self, told: Sequence[JobReports], claim: Claimant | None) -> Folded:
            folded = super().take_reports(told, claim)
            for reports in told:
                if reports.subject_id in found:
                    raise found[reports.subject_id]
            return folded

    handler = Poisoned()
    monkeypatch.setattr(leases, "handler_of", lambda kind: handler)
    return found


def test_reports_that_cannot_be_folded_are_let_go_and_the_others_are_not(poison: dict[str, Exception], valkey: object):
    people = make_cast()
    save(people, log_flow())
    first, second, third = (start(people).id for _ in range(3))
    worker = FakeWorker()
    jobs = worker.claim(2)
    poison[second] = KeyError("a defect of ours")
    answer = worker.report(*(ended(job) for job in jobs), want=1)
    told = {result.job_id.split(".")[1]: result.status for result in answer.results}
    assert told == {first: "ok", second: "gone"}
    assert [job.id.split(".")[1] for job in answer.jobs] == [third]
    assert (row(first).state, row(second).state) == ("SUCCESS", "RUNNING")


def test_a_database_that_is_away_is_told_again(poison: dict[str, Exception], valkey: object):
    people = make_cast()
    save(people, log_flow())
    execution = start(people).id
    worker = FakeWorker()
    job = worker.claim()[0]
    poison[execution] = OperationalError("the server closed the connection")
    with pytest.raises(OperationalError):
        worker.report(ended(job), request_id="r")
    poison.clear()
    assert worker.report(ended(job), request_id="r").results[0].status == "ok"
    assert row(execution).state == "SUCCESS"
