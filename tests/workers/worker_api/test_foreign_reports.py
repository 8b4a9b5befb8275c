"""A worker ends only what is its own, whatever it says an execution is called."""

from __future__ import annotations

import pytest

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.ids import new_id
from tests.cast import ACME, Cast, make_cast
from tests.executions.ground import FakeWorker, ended, log_flow, row, save, start
from workers.models import Job
from workers.runtime.protocol import Item, Release
from workers.worker_api import fleet

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> Cast:
    return make_cast()


def jobs() -> int:
    with tenant_scope(ACME):
        return Job.objects.count()


@pytest.mark.parametrize("is_real", [False, True])
@pytest.mark.parametrize("way", ["report", "release", "begun"])
def test_nobody_ends_the_job_of_another_worker(people: Cast, way: str, is_real: bool):
    save(people, log_flow())
    execution_id, other = start(people).id, start(people).id
    owner, stranger = FakeWorker(), FakeWorker()
    mine = {job.execution_id: job for job in owner.claim(2)}[execution_id]
    row_id = mine.id.rpartition(".")[2]
    address = mine.id if is_real else f"{ACME}.{new_id()}.{row_id}"
    for named in (address, f"{ACME}.{other}.{row_id}"):
        if way == "report":
            told = stranger.report(Item(job_id=named, attempt=1, started=True, end=ended(mine).end))
            assert [result.status for result in told.results] == ["gone"]
        else:
            body = {"jobs": [named]} if way == "release" else {"begun": [named]}
            fleet.release(stranger.member, Release(request_id=new_id(), worker_id=stranger.member.worker_id, **body))  # type: ignore[arg-type]
    assert jobs() == 2
    owner.report(ended(mine))
    assert row(execution_id).state == "SUCCESS"


def test_a_worker_lets_go_of_what_it_has_of_an_execution_that_is_gone(people: Cast):
    save(people, log_flow())
    execution_id = start(people).id
    worker = FakeWorker()
    (job,) = worker.claim()
    with tenant_scope(ACME):
        Job.objects.filter(subject_id=execution_id).update(subject_id="nobody")
    tenant, _, row_id = job.id.split(".")
    told = worker.report(Item(job_id=f"{tenant}.nobody.{row_id}", attempt=1, end=ended(job).end))
    assert [result.status for result in told.results] == ["gone"]
    assert jobs() == 0
