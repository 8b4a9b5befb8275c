"""A worker listens for a trigger: each thing that happens starts an execution, once, as long as somebody wants it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import ControlPlaneError
from executions.maintenance.leases import Sweeper
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, save
from tests.triggers.ground import executions_of, trigger_of
from tests.triggers.watching import LISTENS, ask, begun, claimed, end_leases, failed, jobs, nothing, tell, watched_flow
from triggers.models import Trigger
from triggers.scheduling.asking import Asker
from triggers.scheduling.unwanted import stop_unwanted
from triggers.services.acting import act_on_trigger
from triggers.services.targets import Name
from workers.worker_api import fleet

pytestmark = pytest.mark.django_db


def act(people: Cast, verb: str) -> None:
    act_on_trigger(people.olga.context(ACME), verb=verb, name=Name("prod.data", "watched", "watch"))


def row() -> Trigger:
    return trigger_of("watched", "watch")


def numbers() -> list[int]:
    return sorted(each.trigger["variables"]["n"] for each in executions_of("watched"))


def save_listening(people: Cast, more: str = "") -> None:
    save(people, watched_flow(type=LISTENS, more=more))


def test_it_listens_as_soon_as_its_flow_is_saved(people: Cast) -> None:
    save_listening(people)
    Asker().ask_for_due()
    (job,) = FakeWorker().claim(8)
    assert (job.kind, job.task["key"]) == ("listen", "orders")
    assert row().kind == "REALTIME"


def test_each_thing_starts_an_execution_beside_those_that_run(people: Cast) -> None:
    save_listening(people)
    worker = FakeWorker()
    job = claimed(worker)
    worker.report(begun(job))
    tell(job, {"n": 0}, {"n": 1})
    tell(job, {"n": 2}, first=2)
    assert numbers() == [0, 1, 2]
    assert (row().execution_id, row().evaluation_id) == (None, job.execution_id)


def test_what_is_told_again_starts_only_what_is_new(people: Cast) -> None:
    save_listening(people)
    job = claimed(FakeWorker())
    tell(job, {"n": 0}, {"n": 1})
    tell(job, {"n": 0}, {"n": 1})
    tell(job, {"n": 1}, {"n": 2}, first=1)
    assert numbers() == [0, 1, 2]


@pytest.mark.parametrize("verb", ["restart", "unlock"])
def test_it_is_stopped_and_started_again(people: Cast, verb: str) -> None:
    save_listening(people)
    worker = FakeWorker()
    job = claimed(worker)
    worker.report(begun(job))
    act(people, verb)
    stop_unwanted()
    assert [order.job_id for order in fleet.orders_for(worker.member, "").orders] == [job.id]
    with pytest.raises(ControlPlaneError):
        tell(job, {"n": 0})
    worker.report(failed(job, state="KILLED"))
    assert claimed(worker).execution_id != job.execution_id
    assert (numbers(), row().problem) == ([], None)


def test_one_that_is_disabled_listens_again_when_it_is_enabled(people: Cast) -> None:
    save_listening(people)
    worker = FakeWorker()
    job = claimed(worker)
    act(people, "disable")
    stop_unwanted()
    worker.report(failed(job, state="KILLED"))
    ask()
    assert jobs() == []
    act(people, "enable")
    assert claimed(worker).kind == "listen"


def test_an_execution_after_which_it_stops_stops_it(people: Cast) -> None:
    save_listening(people, more="stopAfter: [SUCCESS]")
    worker = FakeWorker()
    job = claimed(worker)
    tell(job, {"n": 0})
    worker.work_off()
    assert row().is_disabled
    stop_unwanted()
    assert [order.job_id for order in fleet.orders_for(worker.member, "").orders] == [job.id]


def test_a_worker_that_dies_is_followed_by_another_that_listens_at_once(people: Cast) -> None:
    save_listening(people)
    worker = FakeWorker()
    job = claimed(worker)
    tell(job, {"n": 0})
    end_leases()
    Sweeper().end_lost_leases()
    Asker().ask_for_due()
    (again,) = [each for each in FakeWorker().claim(8) if each.kind == "listen"]
    with pytest.raises(ControlPlaneError):
        tell(job, {"n": 1}, first=1)
    tell(again, {"n": 1})
    assert numbers() == [0, 1]


def test_one_that_fails_is_told_and_started_again_more_and_more_slowly(people: Cast) -> None:
    save_listening(people, more="failOnTriggerError: true")
    worker, pauses = FakeWorker(), []
    for _ in range(7):
        worker.report(failed(claimed(worker)))
        due = row().due_at
        assert due is not None
        pauses.append(round((due - now()).total_seconds()))
    assert pauses == [1, 2, 5, 10, 30, 60, 60]
    assert row().problem == "it is away"
    assert [each.state for each in executions_of("watched")] == ["FAILED"], "of many failures in a row the first"
    worker.work_off()
    job = claimed(worker)
    tell(job, {"n": 0})
    assert (row().problem, row().failures) == (None, 0)


def test_one_that_ends_by_itself_is_started_again(people: Cast) -> None:
    save_listening(people)
    worker = FakeWorker()
    worker.report(nothing(claimed(worker)))
    due = row().due_at
    assert due is not None
    assert due - now() <= timedelta(seconds=1)


def test_the_list_tells_which_worker_has_it(people: Cast) -> None:
    save_listening(people)
    worker = FakeWorker()
    claimed(worker)
    client = people.olga.client
    address = f"/api/v1/{ACME}/triggers/search"
    told = client.get(address, {"filters[workerId][EQUALS]": worker.member.worker_id}).json()
    assert [each["state"]["locked"] for each in told["results"]] == [True]
    assert client.get(address, {"filters[workerId][EQUALS]": "another"}).json()["total"] == 0
    with tenant_scope(ACME):
        assert Trigger.objects.filter(kind="REALTIME").count() == 1
