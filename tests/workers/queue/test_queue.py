"""Claims in turn, answers that repeat, leases that are fenced."""

from __future__ import annotations

import pytest
from django.db import connection

from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.scope import across_tenants, tenant_scope
from control_plane.kernel.words.errors import Conflict, Unauthenticated
from control_plane.kernel.words.ids import new_id
from executions.maintenance.leases import Sweeper
from executions.maintenance.offers import offer_again
from tests.cast import ACME, GLOBEX, Cast, make_cast
from tests.executions.ground import FakeWorker, ended, lines_of, log_flow, row, save, start, task_runs
from workers.models import Job, WorkerGroupToken
from workers.runtime.protocol import Heartbeat, Item, Register, Release
from workers.services.tokens import mint_group_token, revoke_group_token
from workers.worker_api import fleet
from workers.worker_api.tokens import job_token, read_job_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


def run_out(seconds: int = 3600) -> None:
    """Let every lease have ended so long ago."""
    with across_tenants("a test lets time pass"), connection.cursor() as cursor:
        cursor.execute("UPDATE job SET lease_until = clock_timestamp() - make_interval(secs => %s)", [seconds])


def test_tenants_are_served_in_turn(people: Cast) -> None:
    save(people, log_flow())
    save(people, log_flow(), GLOBEX)
    for _ in range(4):
        start(people)
    for _ in range(2):
        start(people, tenant=GLOBEX)
    worker = FakeWorker()
    served = [job.tenant for _ in range(6) for job in worker.claim()]
    assert served[:4] in ([ACME, GLOBEX] * 2, [GLOBEX, ACME] * 2)
    assert served[4:] == [ACME, ACME]


def test_a_claim_for_many_takes_turns_too(people: Cast) -> None:
    save(people, log_flow())
    save(people, log_flow(), GLOBEX)
    for _ in range(5):
        start(people)
    start(people, tenant=GLOBEX)
    assert GLOBEX in [job.tenant for job in FakeWorker().claim(2)]


def test_the_same_claim_brings_the_same_jobs(people: Cast) -> None:
    save(people, log_flow())
    for _ in range(3):
        start(people)
    worker, request = FakeWorker(), new_id()
    first = worker.claim(2, request)
    assert [job.id for job in worker.claim(2, request)] == [job.id for job in first]
    assert len(worker.claim(4)) == 1


def test_the_same_report_is_folded_once(people: Cast) -> None:
    save(people, log_flow(tasks=2))
    execution = start(people)
    worker, request = FakeWorker(), new_id()
    (job,) = worker.claim()
    first = worker.report(ended(job, "one"), want=1, request_id=request)
    again = worker.report(ended(job, "one"), want=1, request_id=request)
    assert [result.status for result in again.results] == ["ok"]
    assert [each.id for each in again.jobs] == [each.id for each in first.jobs]
    assert lines_of(execution.id) == [(1, "one")]


def test_lines_of_a_repeated_report_are_written_once(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    worker, request = FakeWorker(), new_id()
    (job,) = worker.claim()
    partial = Item(job_id=job.id, attempt=1, started=True, logs=ended(job, "a", "b").logs)
    worker.report(partial, request_id=request)
    worker.report(partial, request_id=request)
    worker.report(ended(job, "c"))
    assert lines_of(execution.id) == [(1, "a"), (2, "b"), (3, "c")]


def test_a_job_is_claimed_by_one_worker_alone(people: Cast) -> None:
    save(people, log_flow())
    start(people)
    assert len(FakeWorker().claim(4)) == 1
    assert FakeWorker().claim(4) == []


def test_a_stale_report_is_refused(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    slow, quick = FakeWorker(), FakeWorker()
    (job,) = slow.claim()
    run_out()
    Sweeper().end_lost_leases()
    (again,) = quick.claim()
    assert again.attempt == 2
    assert slow.report(ended(job, "too late")).results[0].status == "gone"
    quick.report(ended(again, "in time"))
    assert row(execution.id).state == "SUCCESS"
    assert lines_of(execution.id)[-1][1] == "in time"
    (run,) = task_runs(execution.id)
    assert [attempt["history"][-1]["state"] for attempt in run.attempts] == ["RESUBMITTED", "SUCCESS"]


def test_a_task_that_kills_its_workers_fails(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    for _ in range(3):
        assert FakeWorker().claim()
        run_out()
        Sweeper().end_lost_leases()
    assert row(execution.id).state == "FAILED"
    assert "worker lost 3 times" in str(lines_of(execution.id))


def test_a_renewed_lease_is_not_lost(people: Cast) -> None:
    save(people, log_flow())
    start(people)
    worker = FakeWorker()
    (job,) = worker.claim()
    beat = fleet.beat(worker.member, Heartbeat(worker_id=worker.member.worker_id, jobs=[job.id, "acme.x.y"]))
    assert set(beat.leases) == {job.id}
    Sweeper().end_lost_leases()
    assert worker.report(ended(job)).results[0].status == "ok"


def test_what_was_not_begun_is_handed_back_and_counts_for_nothing(people: Cast) -> None:
    save(people, log_flow())
    start(people)
    worker = FakeWorker()
    (job,) = worker.claim()
    fleet.release(worker.member, Release(request_id=new_id(), worker_id=worker.member.worker_id, jobs=[job.id]))
    (again,) = FakeWorker().claim()
    assert (again.id, again.attempt) == (job.id, 1)


def test_a_drained_attempt_spends_nothing(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    worker = FakeWorker()
    (job,) = worker.claim()
    worker.report(Item(job_id=job.id, attempt=1, started=True))
    fleet.release(worker.member, Release(request_id=new_id(), worker_id=worker.member.worker_id, jobs=[job.id]))
    assert FakeWorker().work_off() == 1
    assert row(execution.id).state == "SUCCESS"


def test_what_was_begun_is_not_begun_again_as_the_same_attempt_though_no_report_said_so(people: Cast) -> None:
    save(people, log_flow())
    start(people)
    worker = FakeWorker()
    (job,) = worker.claim()
    fleet.release(worker.member, Release(request_id=new_id(), worker_id=worker.member.worker_id, begun=[job.id]))
    (again,) = FakeWorker().claim()
    assert (again.task_run_id, again.attempt) == (job.task_run_id, 2)


def test_a_job_that_somebody_else_took_meanwhile_is_not_handed_back_twice(people: Cast) -> None:
    save(people, log_flow())
    start(people)
    worker, other = FakeWorker(), FakeWorker()
    (job,) = worker.claim()
    body = Release(request_id=new_id(), worker_id=worker.member.worker_id, jobs=[job.id])
    fleet.release(worker.member, body)
    (taken,) = other.claim()
    fleet.release(worker.member, body)
    assert other.report(ended(taken)).results[0].status == "ok"


def test_a_revoked_group_gets_nothing(people: Cast) -> None:
    save(people, log_flow())
    start(people)
    worker = FakeWorker()
    assert fleet.member_of(worker.token, worker.member.worker_id) == worker.member
    token = WorkerGroupToken.objects.get()
    revoke_group_token(Context(SYSTEM), key="default", token_id=token.id)
    with pytest.raises(Unauthenticated):
        fleet.member_of(worker.token, worker.member.worker_id)


def test_a_worker_of_another_token_is_unknown(people: Cast) -> None:
    one, other = FakeWorker(), FakeWorker()
    with pytest.raises(fleet.UnknownWorker):
        fleet.member_of(one.token, other.member.worker_id)


def test_a_kill_reaches_the_worker_with_its_heartbeat(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    worker = FakeWorker()
    (job,) = worker.claim()
    worker.report(Item(job_id=job.id, attempt=1, started=True))
    people.olga.client.delete(f"/api/v1/acme/executions/{execution.id}/actions/kill")
    beat = fleet.beat(worker.member, Heartbeat(worker_id=worker.member.worker_id, jobs=[job.id]))
    assert [(order.order, order.job_id) for order in beat.orders] == [("kill", job.id)]
    told = fleet.orders_for(worker.member, "")
    assert [order.job_id for order in told.orders] == [job.id]
    assert fleet.orders_for(worker.member, told.cursor).orders == []


def test_a_job_token_is_only_what_we_signed(people: Cast) -> None:
    save(people, log_flow())
    start(people)
    (job,) = FakeWorker().claim()
    claim = read_job_token(job.token)
    assert claim is not None and (claim.tenant, claim.attempt) == (ACME, 1)
    assert read_job_token(job.token[:-1] + ("0" if job.token[-1] != "0" else "1")) is None
    assert read_job_token(job.token.replace("acme", "globex")) is None
    assert read_job_token("nonsense") is None
    assert job_token is not None


def test_jobs_nobody_took_are_offered_again_with_back_off(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    save(people, log_flow())
    start(people)
    monkeypatch.setattr("workers.queue.tickets.send", sent.extend)
    offer_again()
    assert sent == []
    with across_tenants("a test lets time pass"), connection.cursor() as cursor:
        cursor.execute("UPDATE job SET offered_at = clock_timestamp() - interval '7 seconds'")
    offer_again()
    assert sent == ["default"]
    with tenant_scope(ACME):
        assert Job.objects.get().offers == 2
    with across_tenants("a test lets time pass"), connection.cursor() as cursor:
        cursor.execute("UPDATE job SET offered_at = clock_timestamp() - interval '7 seconds'")
    offer_again()
    assert sent == ["default"], "the second offer waits twice as long"


def test_after_an_outage_the_first_sweep_waits_a_lease(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    import executions.maintenance.leases as leases

    save(people, log_flow())
    execution = start(people)
    FakeWorker().claim()
    run_out()
    clock = [1000.0]
    sweeper, real = Sweeper(lambda: clock[0]), leases._ended_leases
    monkeypatch.setattr(leases, "_ended_leases", lambda: (_ for _ in ()).throw(OperationalError("away")))
    with pytest.raises(OperationalError):
        sweeper.end_lost_leases()
    monkeypatch.setattr(leases, "_ended_leases", real)
    sweeper.end_lost_leases()
    assert task_runs(execution.id)[0].attempts == []
    clock[0] += 31
    sweeper.end_lost_leases()
    assert task_runs(execution.id)[0].attempts[0]["history"][-1]["state"] == "RESUBMITTED"


def test_a_request_id_registers_under_one_token_alone(people: Cast) -> None:
    body = Register(request_id=new_id(), name="a", host="h", pid=1, version="0", slots=1)
    tokens = [mint_group_token("default", new_id()) for _ in range(2)]
    first = fleet.register_worker(tokens[0], body)
    assert fleet.register_worker(tokens[0], body).worker_id == first.worker_id
    with pytest.raises(Conflict):
        fleet.register_worker(tokens[1], body)
