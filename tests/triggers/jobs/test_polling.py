"""A worker looks at a trigger that polls: one look at a time, and nothing that it finds starts twice."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from control_plane.kernel.scope import instance_scope, tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.egress import EgressPolicy
from control_plane.kernel.words.errors import BadParameter, ControlPlaneError
from executions.maintenance.leases import Sweeper
from flows.services.saving import delete_flow, update_flow
from stores.kv.queries import find_inherited
from stores.kv.services import put_pair
from stores.kv.values import TypedValue
from tests.cast import ACME, Cast
from tests.conformance.stub_server import StubServer
from tests.executions.ground import FakeWorker, save
from tests.executions.worker_at_hand import work_for_real
from tests.triggers.ground import executions_of, trigger_of
from tests.triggers.watching import (
    ask,
    begun,
    claimed,
    end_leases,
    failed,
    found,
    jobs,
    nothing,
    tell,
    watched_flow,
)
from triggers.jobs.kinds import TriggerJobs
from triggers.models import Trigger
from triggers.scheduling.asking import Asker
from triggers.scheduling.unwanted import ask_again_for_lost, stop_unwanted
from triggers.services.acting import act_on_trigger
from triggers.services.targets import Name
from workers.models import Job as JobRow
from workers.models import WorkerGroup
from workers.queue.routing import snapshot
from workers.runtime.protocol import Kept, LogLine, Release
from workers.worker_api import fleet, job_services

pytestmark = pytest.mark.django_db
WATCH = Name("prod.data", "watched", "watch")


def act(people: Cast, verb: str) -> Trigger:
    return act_on_trigger(people.olga.context(ACME), verb=verb, name=WATCH)


def row() -> Trigger:
    return trigger_of("watched", "watch")


def executions() -> list[Any]:
    return executions_of("watched")


def test_what_a_look_finds_starts_the_execution_that_bears_its_id(people: Cast) -> None:
    save(people, watched_flow())
    worker = FakeWorker()
    job = claimed(worker)
    assert (job.kind, job.task["uri"], job.flow_id) == ("trigger", "https://example.com", "watched")
    assert executions() == []
    worker.report(found(job, code=200))
    (execution,) = executions()
    assert execution.id == job.execution_id
    assert execution.trigger == {
        "id": "watch",
        "type": "io.kestra.plugin.core.http.Trigger",
        "variables": {"code": 200},
    }
    assert (row().evaluation_id, row().execution_id) == (None, execution.id)


def test_an_http_api_is_asked_for_real(people: Cast, tmp_path: Path) -> None:
    server = StubServer()
    try:
        uri = f"io.kestra.plugin.core.http.Trigger\n    uri: {server.url}/jokes/random"
        save(
            people, watched_flow(type=uri, more="responseCondition: \"{{ response.body | jq('.id') | first == '1' }}\"")
        )
        ask()
        work_for_real(FakeWorker(), tmp_path, egress=EgressPolicy(allow_private=True))
    finally:
        server.close()
    (execution,) = executions()
    assert execution.trigger["variables"]["code"] == 200
    assert "a joke" in execution.trigger["variables"]["body"]


def test_one_look_at_a_time(people: Cast) -> None:
    save(people, watched_flow())
    for _ in range(3):
        ask()
    assert len(jobs()) == 1
    worker = FakeWorker()
    (job,) = worker.claim(8)
    worker.report(begun(job))
    ask()
    assert worker.claim(8) == []
    assert row().evaluation_id == job.execution_id


def test_when_nothing_has_happened_it_looks_again_after_its_interval(people: Cast) -> None:
    save(people, watched_flow(more="interval: PT5M"))
    worker = FakeWorker()
    worker.report(nothing(claimed(worker)))
    assert executions() == []
    left = row().due_at
    assert left is not None
    assert timedelta(minutes=4) < left - now() <= timedelta(minutes=5)
    assert Asker().ask_for_due() is False
    assert jobs() == []


@pytest.mark.parametrize(("concurrent", "waits"), [("false", True), ("true", False)])
def test_it_waits_for_the_execution_it_started_unless_it_may_run_beside_it(
    people: Cast, concurrent: str, waits: bool
) -> None:
    save(people, watched_flow(more=f"allowConcurrent: {concurrent}"))
    worker = FakeWorker()
    worker.report(found(claimed(worker)))
    assert (row().due_at is None) is waits
    if waits:
        worker.work_off()
        assert row().due_at is not None
    ask()
    assert len(jobs()) == 1


def test_it_stops_after_an_execution_that_ends_as_its_flow_says(people: Cast) -> None:
    save(people, watched_flow(more="stopAfter: [SUCCESS]"))
    worker = FakeWorker()
    worker.report(found(claimed(worker)))
    worker.work_off()
    assert (row().is_disabled, row().due_at) == (True, None)


@pytest.mark.parametrize(("fails", "states"), [("false", []), ("true", ["FAILED"])])
def test_a_look_that_fails_is_told_and_fails_an_execution_where_the_flow_says_so(
    people: Cast, fails: str, states: list[str]
) -> None:
    save(people, watched_flow(more=f"failOnTriggerError: {fails}"))
    worker = FakeWorker()
    worker.report(failed(claimed(worker)))
    assert [each.state for each in executions()] == states
    assert (row().problem, row().failures) == ("it is away", 1)
    assert row().due_at is not None, "it looks again"
    worker.report(nothing(claimed(worker)))
    assert (row().problem, row().failures) == (None, 0)


def test_what_it_says_is_kept_until_the_next_look(people: Cast) -> None:
    save(people, watched_flow())
    worker = FakeWorker()
    item = nothing(claimed(worker))
    item.logs = [LogLine(timestamp="2026-01-01T00:00:00Z", level="INFO", message="asked", n=0)]
    worker.report(item)
    assert [line["message"] for line in row().said] == ["asked"]
    claimed(worker)
    assert row().said == []


def test_a_worker_that_dies_is_followed_by_another_look_and_what_it_says_later_is_refused(people: Cast) -> None:
    save(people, watched_flow())
    worker, other = FakeWorker(), FakeWorker()
    lost = claimed(worker)
    worker.report(begun(lost))
    end_leases()
    Sweeper().end_lost_leases()
    again = claimed(other)
    assert again.execution_id != lost.execution_id
    assert worker.report(found(lost, code=1)).results[0].status == "gone"
    with pytest.raises(ControlPlaneError, match="lease"):
        tell(lost, {"code": 1})
    other.report(found(again, code=2))
    assert [each.trigger["variables"] for each in executions()] == [{"code": 2}]
    assert row().failures == 0


def test_a_worker_that_dies_after_the_start_starts_nothing_twice(people: Cast) -> None:
    save(people, watched_flow())
    worker = FakeWorker()
    job = claimed(worker)
    tell(job, {"code": 1})
    end_leases()
    Sweeper().end_lost_leases()
    assert (row().evaluation_id, row().execution_id) == (None, job.execution_id)
    assert worker.report(found(job, code=1)).results[0].status == "gone"
    assert len(executions()) == 1
    worker.work_off()
    assert row().due_at is not None


def test_what_is_told_again_because_its_answer_was_lost_starts_nothing_more(people: Cast) -> None:
    save(people, watched_flow())
    worker = FakeWorker()
    job = claimed(worker)
    tell(job, {"code": 1})
    tell(job, {"code": 1})
    worker.report(found(job, code=1), request_id="one")
    worker.report(found(job, code=1), request_id="one")
    assert len(executions()) == 1


def test_one_look_starts_one_execution_and_leaves_nothing_out(people: Cast) -> None:
    save(people, watched_flow())
    job = claimed(FakeWorker())
    with pytest.raises(BadParameter, match="one execution"):
        tell(job, {"n": 1}, {"n": 2})
    with pytest.raises(BadParameter, match="never told"):
        tell(job, {"n": 1}, first=3)
    assert executions() == []


def test_a_look_that_kills_its_workers_is_asked_for_less_often(people: Cast) -> None:
    save(people, watched_flow())
    worker = FakeWorker()
    for _ in range(3):
        claimed(worker)
        end_leases()
        Sweeper().end_lost_leases()
    assert row().problem == "Its worker was lost 3 times"
    due = row().due_at
    assert due is not None
    assert due - now() > timedelta(seconds=50)


def test_a_worker_that_drains_hands_its_look_back(people: Cast) -> None:
    save(people, watched_flow())
    worker = FakeWorker()
    job = claimed(worker)
    worker.report(begun(job))
    fleet.release(worker.member, Release(request_id="r", worker_id=worker.member.worker_id, begun=[job.id]))
    assert (row().failures, row().problem) == (0, None)
    assert claimed(FakeWorker()).id != job.id


@pytest.mark.parametrize("verb", ["disable", "restart", "unlock", "delete"])
def test_whoever_stops_it_stops_the_look(people: Cast, verb: str) -> None:
    save(people, watched_flow())
    worker = FakeWorker()
    job = claimed(worker)
    worker.report(begun(job))
    act(people, verb)
    stop_unwanted()
    assert [order.order for order in fleet.orders_for(worker.member, "").orders] == ["kill"]
    with pytest.raises(ControlPlaneError):
        tell(job, {"code": 1})
    worker.report(found(job, code=1))
    assert (executions(), jobs()) == ([], [])
    ask()
    assert len(jobs()) == (0 if verb == "disable" else 1)


def test_another_look_waits_until_the_worker_has_let_go_of_the_last(people: Cast) -> None:
    save(people, watched_flow())
    worker = FakeWorker()
    job = claimed(worker)
    act(people, "restart")
    stop_unwanted()
    ask()
    assert [each.id for each in jobs()] == [job.id.rpartition(".")[2]]
    worker.report(failed(job, state="KILLED"))
    ask()
    assert len(jobs()) == 1
    assert row().problem is None


def test_a_look_that_nobody_has_taken_goes_with_its_flow(people: Cast) -> None:
    save(people, watched_flow())
    ask()
    delete_flow(people.olga.context(ACME), namespace="prod.data", flow_id="watched")
    stop_unwanted()
    assert jobs() == []


def test_a_trigger_that_is_written_anew_is_looked_at_anew(people: Cast) -> None:
    save(people, watched_flow())
    worker = FakeWorker()
    job = claimed(worker)
    context = people.olga.context(ACME)
    update_flow(context, namespace="prod.data", flow_id="watched", source=watched_flow(more="interval: PT2M"))
    stop_unwanted()
    worker.report(found(job, code=1))
    assert executions() == []
    assert claimed(worker).task["interval"] == "PT2M"


def test_a_look_whose_job_is_gone_is_asked_for_again(people: Cast) -> None:
    save(people, watched_flow())
    ask()
    with tenant_scope(ACME):
        JobRow.objects.all().delete()
    ask_again_for_lost()
    ask()
    assert len(jobs()) == 1


def test_nobody_looks_while_its_condition_does_not_hold(people: Cast) -> None:
    save(people, watched_flow(more='when: "{{ vars.open }}"', flow="variables: {open: false}"))
    ask()
    assert jobs() == []
    assert row().due_at is not None


def test_a_condition_that_cannot_be_decided_is_told(people: Cast) -> None:
    save(people, watched_flow(more='when: "{{ nothing.there }}"'))
    ask()
    assert jobs() == []
    assert "nothing" in (row().problem or "")


def test_a_broken_flow_keeps_no_other_from_being_looked_at(people: Cast) -> None:
    save(people, watched_flow("broken"))
    save(people, watched_flow())
    with tenant_scope(ACME):
        Trigger.objects.filter(flow_id="broken").update(revision_id="gone", due_at=now())
    ask()
    assert len(jobs()) == 1
    assert "cannot be read" in (trigger_of("broken", "watch").problem or "") or trigger_of("broken", "watch").problem


def test_a_check_that_blocks_is_told_and_the_trigger_goes_on(people: Cast) -> None:
    flow = 'checks:\n  - {condition: "{{ false }}", message: not now, behavior: BLOCK_EXECUTION}'
    save(people, watched_flow(flow=flow))
    worker = FakeWorker()
    worker.report(found(claimed(worker)))
    assert executions() == []
    assert "not now" in (row().problem or "")
    assert row().due_at is not None


def test_a_secret_in_what_it_found_is_closed_wherever_it_is_kept(people: Cast) -> None:
    flow = "inputs:\n  - {id: seen, type: STRING}\nlabels: {team: a}"
    more = 'inputs: {seen: "{{ trigger.body }}"}\n    labels: {of: "{{ trigger.body }}"}'
    save(people, watched_flow(flow=flow, more=more))
    worker = FakeWorker()
    worker.report(found(claimed(worker), secrets=["hunter2-hunter2"], body="it is hunter2-hunter2"))
    (execution,) = executions()
    assert "hunter2" not in str([execution.trigger, execution.inputs, execution.labels])
    assert execution.trigger["variables"]["body"]["masked"] == "it is ******"
    assert execution.labels["of"] == "it is ******"


def test_it_acts_as_its_flow(people: Cast) -> None:
    context = people.olga.context(ACME)
    for namespace in ("prod.data", "prod.ops"):
        put_pair(context, namespace=namespace, key="pair", value=TypedValue("STRING", namespace))
    save(people, watched_flow())
    job = claimed(FakeWorker())

    def pair(namespace: str) -> Any:
        return job_services.call(job.token, job.id, "kv", "find", {"key": "pair", "namespace": namespace})

    assert pair("prod.data")["value"] == "prod.data"
    with pytest.raises(ControlPlaneError):
        pair("prod.ops")


def test_what_it_has_seen_is_written_with_the_start_or_not_at_all(people: Cast) -> None:
    save(people, watched_flow())
    job = claimed(FakeWorker())
    tell(job, {"n": 1}, kept=Kept(key="seen", value={"a": "1"}))
    with tenant_scope(ACME):
        entry = find_inherited("prod.data", "seen")
    assert entry is not None
    assert entry.value == {"a": "1"}
    again = claimed_after_end(people, job)
    act(people, "disable")
    with pytest.raises(ControlPlaneError):
        tell(again, {"n": 2}, kept=Kept(key="seen", value={"a": "2"}))
    with tenant_scope(ACME):
        entry = find_inherited("prod.data", "seen")
    assert entry is not None
    assert entry.value == {"a": "1"}


def claimed_after_end(people: Cast, job: Any) -> Any:
    """The next look, once the last one and its execution are over."""
    worker = FakeWorker()
    end_leases()
    Sweeper().end_lost_leases()
    worker.work_off()
    return claimed(worker)


def test_files_it_keeps_are_those_of_its_execution(people: Cast) -> None:
    save(people, watched_flow())
    worker = FakeWorker()
    job = claimed(worker)
    kept = job_services.keep_file(job.token, job.id, "a.txt", None, BytesIO(b"content"))
    worker.report(found(job, uri=kept.uri))
    (task,) = worker.claim(8)
    with job_services.open_file(task.token, task.id, kept.uri) as content:
        assert content.read() == b"content"


@pytest.mark.parametrize(
    ("more", "flow", "line"),
    [("", "", "default"), ("workerGroup: {key: gpu}", "", "gpu"), ("", "workerGroup: {key: '{{ vars.w }}'}", "gpu")],
)
def test_the_workers_that_it_or_its_flow_asks_for_look(people: Cast, more: str, flow: str, line: str) -> None:
    with instance_scope():
        WorkerGroup.objects.get_or_create(key="gpu")
    snapshot.forget()
    save(people, watched_flow(more=more, flow=f"{flow}\nvariables: {{w: gpu}}"))
    ask()
    assert [each.group_key for each in jobs()] == [line]


def test_a_look_that_is_not_to_wait_for_workers_says_that_none_is_there(people: Cast) -> None:
    save(people, watched_flow(more="workerSelector: {tags: [nowhere], fallback: FAIL}"))
    ask()
    (job,) = jobs()
    with tenant_scope(ACME):
        TriggerJobs().unserved(job.subject_id, job.id, cancels=False, reason="No worker is available")
    assert (jobs(), row().problem, row().evaluation_id) == ([], "No worker is available", None)


def test_what_it_said_is_forgotten_when_somebody_says_so(people: Cast) -> None:
    save(people, watched_flow())
    with tenant_scope(ACME):
        Trigger.objects.update(said=[{"at": "2026-01-01T00:00:00Z", "level": "INFO", "message": "asked"}])
    address = f"/api/v1/{ACME}/logs/prod.data/watched"
    client = people.olga.client
    assert client.delete(address).status_code == 400
    assert client.delete(f"{address}?triggerId=nothing").status_code == 404
    assert people.vera.client.delete(f"{address}?triggerId=watch").status_code == 403
    assert row().said != []
    assert client.delete(f"{address}?triggerId=watch").status_code == 200
    assert row().said == []
    assert client.get(f"/api/v1/{ACME}/logs/nothing/download").status_code == 404, "still that of executions"
