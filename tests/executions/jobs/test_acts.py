"""What a task may do to other executions: only where its flow stands, and never without a trace."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any

import pytest

from audit.models import AuditEntry
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import iso, now
from control_plane.kernel.words.errors import BadParameter, Conflict, Forbidden, Invalid, NotFound
from executions.jobs.acts import call
from executions.jobs.places import place_of
from executions.models import Execution, LogEntry, Metric
from executions.record.files import prefix_of
from executions.record.transitions import locked
from flows.models import FlowRevision
from flows.services.saving import update_flow
from stores.storage.keys import execution_prefix, is_below, key_of, uri_of
from stores.storage.place import storage
from tenants.services.namespaces import create_namespace
from tests.cast import ACME, GLOBEX, Cast
from tests.executions.ground import FakeWorker, log_flow, row, save, start, task_runs
from workers.queue.kinds import Place

pytestmark = pytest.mark.django_db

PAUSES = """
id: pauses
namespace: prod.data
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
    onResume: [{id: answer, type: INT}]
"""


def at_work(people: Cast, namespace: str = "prod.data", tenant: str = ACME) -> Place:
    """A job that runs in that namespace."""
    save(people, log_flow("worker").replace("prod.data", namespace), tenant)
    owner = people.olga if tenant == ACME else people.otto
    answer = owner.client.post(f"/api/v1/{tenant}/executions/{namespace}/worker")
    execution_id = answer.json()["id"]
    with tenant_scope(tenant):
        return place_of(execution_id, task_runs(execution_id, tenant)[0].id)


def asks(place: Place, service: str, method: str, tenant: str = ACME, **arguments: Any) -> Any:
    with tenant_scope(tenant):
        return call(place, service, method, arguments)


def paused(people: Cast) -> str:
    save(people, PAUSES)
    return start(people, "pauses").id


def old_executions(people: Cast, count: int, flow_id: str = "hello", namespace: str = "prod.data") -> list[str]:
    """Executions that have ended, with a line, a figure and a file each."""
    save(people, log_flow(flow_id).replace("prod.data", namespace))
    url = f"/api/v1/acme/executions/{namespace}/{flow_id}"
    ids = [people.olga.client.post(url).json()["id"] for _ in range(count)]
    FakeWorker().work_off()
    with tenant_scope(ACME):
        for execution_id in ids:
            record = locked(execution_id).transition.execution
            storage().put(f"{prefix_of(record)}tasks/log0/one.txt", BytesIO(b"one"))
            about = {"execution_id": execution_id, "namespace": namespace, "flow_id": flow_id, "at": now()}
            LogEntry.objects.create(seq=900, level="INFO", message="m", **about)
            LogEntry.objects.create(seq=901, level="ERROR", message="m", **about)
            Metric.objects.create(type="counter", name="n", value=1, **about)
    return ids


def entries(by: str) -> list[AuditEntry]:
    with tenant_scope(ACME):
        return [
            entry for entry in AuditEntry.objects.order_by("seq") if f'"executions.services.{by}"' in str(entry.body)
        ]


def tomorrow() -> str:
    return iso(now() + timedelta(days=1))


def test_a_paused_execution_is_resumed_with_its_inputs(people: Cast) -> None:
    execution_id, place = paused(people), at_work(people)
    with pytest.raises(Invalid, match="answer"):
        asks(place, "executions", "resume", execution_id=execution_id, inputs={})
    asks(place, "executions", "resume", execution_id=execution_id, inputs={"answer": 42})
    assert row(execution_id).state == "SUCCESS"
    assert task_runs(execution_id)[0].outputs["onResume"] == {"answer": 42}
    (entry,) = entries("acting.resume_execution")
    assert (entry.actor_kind, entry.actor_id) == ("JOB", place.execution_id)
    assert (entry.object_id, entry.namespace) == (execution_id, "prod.data")
    assert entry.actor_name == "prod.data.worker/log0"


def test_one_that_is_not_paused_is_not_resumed(people: Cast) -> None:
    (execution_id,), place = old_executions(people, 1), at_work(people)
    with pytest.raises(Conflict, match="not paused but SUCCESS"):
        asks(place, "executions", "resume", execution_id=execution_id)
    assert entries("acting.resume_execution") == []


@pytest.mark.parametrize("namespace", ["prod", "prod.data"])
def test_acts_reach_the_own_namespace_and_those_below(people: Cast, namespace: str) -> None:
    execution_id = paused(people)
    asks(at_work(people, namespace), "executions", "resume", execution_id=execution_id, inputs={"answer": 1})
    assert row(execution_id).state == "SUCCESS"


@pytest.mark.parametrize("namespace", ["prod.data.deep", "prod.dat", "dev"])
def test_acts_reach_neither_up_nor_aside(people: Cast, namespace: str) -> None:
    execution_id, (ended,) = paused(people), old_executions(people, 1)
    place = at_work(people, namespace)
    with pytest.raises(NotFound):
        asks(place, "executions", "resume", execution_id=execution_id, inputs={"answer": 1})
    for service in ("executions", "logs"):
        with pytest.raises(Forbidden):
            asks(place, service, "purge", namespace="prod.data", end_date=tomorrow())
        asks(place, service, "purge", end_date=tomorrow())
    assert row(execution_id).state == "PAUSED"
    assert row(ended).state == "SUCCESS"
    with tenant_scope(ACME):
        assert LogEntry.objects.filter(execution_id=ended).count() == 2


def test_a_namespace_may_let_others_in(people: Cast) -> None:
    ids, place = old_executions(people, 2), at_work(people, "system")
    settings = {"allowedNamespaces": [{"namespace": "system"}]}
    create_namespace(people.olga.context(ACME), name="prod", variables={}, settings=settings)
    found = asks(place, "executions", "purge", namespace="prod", end_date=tomorrow())
    assert found["executionsCount"] == len(ids)


def orphan(name: str, flow_id: str = "hello", execution_id: str = "3Qn1Zc0Yg9qXo0h8xT2bLk") -> str:
    """A file whose execution is no more. Storage outlives a test: a flow of its own tells it from others."""
    key = f"{execution_prefix(ACME, 'prod.data', flow_id, execution_id)}tasks/a/b/{name}"
    storage().put(key, BytesIO(b"left"))
    return key


def test_only_files_whose_execution_is_gone_are_purged_and_not_by_a_dry_run(people: Cast) -> None:
    (living,), place = old_executions(people, 1, "littered"), at_work(people)
    keys = [orphan("one.txt", "littered"), orphan("two.txt", "littered")]
    ask = partial(asks, place, "storage", "purge_orphans", flow_id="littered")
    with tenant_scope(ACME):
        kept = f"{prefix_of(locked(living).transition.execution)}tasks/log0/one.txt"
    tried = ask(end_date=tomorrow())
    assert (tried["purgedCount"], tried["deletedFilesCount"]) == (1, 0)
    assert all(storage().stat(key) is not None for key in keys)
    early = ask(end_date="2020-01-01T00:00:00Z", dry_run=False)
    assert early == {"scannedCount": 0, "purgedCount": 0, "deletedFilesCount": 0}
    done = ask(end_date=tomorrow(), dry_run=False)
    assert (done["purgedCount"], done["deletedFilesCount"]) == (1, 2)
    assert all(storage().stat(key) is None for key in keys)
    assert storage().stat(kept) is not None
    assert [entry.object_id for entry in entries("purging.purge_orphaned_files")] == ["3Qn1Zc0Yg9qXo0h8xT2bLk"]


def test_orphans_are_purged_batch_by_batch(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("executions.services.purging.MOST_AT_ONCE", 2)
    place = at_work(people)
    keys = [orphan("one.txt", execution_id=f"3Qn1Zc0Yg9qXo0h8xT2bL{number}") for number in range(5)]
    found: dict[str, Any] = {}
    purged, after = 0, None
    while after is not None or not found:
        found = asks(place, "storage", "purge_orphans", end_date=tomorrow(), dry_run=False, after=after)
        purged, after = purged + found["purgedCount"], found.get("next")
    assert purged >= 5
    assert all(storage().stat(key) is None for key in keys)


def test_old_revisions_go_but_those_that_something_runs_by(people: Cast) -> None:
    save(people, PAUSES)
    for number in range(3):
        source = PAUSES.replace("id: answer", f"id: answer{number}")
        update_flow(people.olga.context(ACME), namespace="prod.data", flow_id="pauses", source=source)
        if number == 0:
            start(people, "pauses")
    place = at_work(people)
    assert asks(place, "flows", "purge_revisions", flow_id="pauses", keep=1, before="2020-01-01T00:00:00Z") == 0
    assert asks(place, "flows", "purge_revisions", flow_id="pauses", keep=3) == 1
    assert asks(place, "flows", "purge_revisions", keep=1) == 1
    with tenant_scope(ACME):
        left = FlowRevision.objects.filter(flow__flow_id="pauses").values_list("revision", flat=True)
        assert sorted(left) == [2, 4]
    with pytest.raises(BadParameter, match="`before`"):
        asks(place, "flows", "purge_revisions", before="soon")


def test_another_tenants_executions_are_not_there(people: Cast) -> None:
    execution_id = paused(people)
    old_executions(people, 1)
    place = at_work(people, "prod.data", GLOBEX)
    with pytest.raises(NotFound):
        asks(place, "executions", "resume", GLOBEX, execution_id=execution_id)
    found = asks(place, "executions", "purge", GLOBEX, end_date=tomorrow())
    assert (found["executionsCount"], found["logsCount"]) == (0, 0)


def test_a_purge_goes_batch_by_batch_and_leaves_nothing(people: Cast) -> None:
    ids, place = old_executions(people, 5), at_work(people)
    files = []
    with tenant_scope(ACME):
        files = [prefix_of(locked(execution_id).transition.execution) for execution_id in ids]
    counts, after = [], None
    while True:
        found = asks(place, "executions", "purge", end_date=tomorrow(), batch_size=2, after=after)
        counts.append(tuple(found[f"{name}Count"] for name in ("executions", "logs", "metrics", "storages")))
        after = found.get("next")
        if after is None:
            break
    assert counts == [(2, 4, 2, 2), (2, 4, 2, 2), (1, 2, 1, 1)]
    with tenant_scope(ACME):
        assert not Execution.objects.filter(id__in=ids).exists()
        assert not LogEntry.objects.filter(execution_id__in=ids).exists()
        assert Execution.objects.filter(id=place.execution_id).exists()  # it runs
    assert [key for prefix in files for key in storage().list(prefix)] == []
    told = entries("purging.purge_executions")
    assert [entry.object_id for entry in told] == ids
    assert {entry.action for entry in told} == {"DELETE"}


def test_a_purge_takes_a_turn_only_with_its_loop(people: Cast) -> None:
    (loop, turn), place = old_executions(people, 2), at_work(people)
    with tenant_scope(ACME):
        Execution.objects.filter(id=turn).update(kind="LOOP", parent_id=loop)
        Execution.objects.filter(id=loop).update(end_date=None, state="RUNNING")
    assert asks(place, "executions", "purge", end_date=tomorrow())["executionsCount"] == 0
    with tenant_scope(ACME):
        Execution.objects.filter(id=loop).update(end_date=now(), state="SUCCESS")
    found = asks(place, "executions", "purge", end_date=tomorrow())
    assert (found["executionsCount"], found["logsCount"], found["storagesCount"]) == (1, 4, 2)
    with tenant_scope(ACME):
        assert not Execution.objects.filter(id__in=[loop, turn]).exists()


def test_a_purge_may_leave_the_executions_and_take_the_rest(people: Cast) -> None:
    (execution_id,), place = old_executions(people, 1), at_work(people)
    found = asks(place, "executions", "purge", end_date=tomorrow(), executions=False, storage=False, metrics=False)
    assert found == {"executionsCount": 0, "logsCount": 2, "metricsCount": 0, "storagesCount": 0}
    assert row(execution_id).state == "SUCCESS"
    with tenant_scope(ACME):
        assert Metric.objects.filter(execution_id=execution_id).exists()


def test_a_purge_takes_only_what_fits(people: Cast) -> None:
    place = at_work(people)
    old_executions(people, 1)
    yesterday = iso(now() - timedelta(days=1))
    for criteria in ({"end_date": yesterday}, {"states": ["FAILED"]}, {"flow_id": "other"}, {"start_date": tomorrow()}):
        assert asks(place, "executions", "purge", **{"end_date": tomorrow(), **criteria})["executionsCount"] == 0
    chosen = {"end_date": tomorrow(), "states": ["SUCCESS"], "flow_id": "hello", "start_date": yesterday}
    assert asks(place, "executions", "purge", **chosen)["executionsCount"] == 1


@pytest.mark.parametrize("criteria", [{"end_date": "soon"}, {"states": ["GREAT"]}, {"after": "x|y"}, {"nothing": 1}])
def test_what_is_no_criterion_is_refused(people: Cast, criteria: dict[str, Any]) -> None:
    with pytest.raises(BadParameter):
        asks(at_work(people), "executions", "purge", **criteria)


def test_lines_are_purged_by_level_and_counted(people: Cast) -> None:
    (execution_id,), place = old_executions(people, 1), at_work(people)
    assert asks(place, "logs", "purge", levels=["ERROR"], end_date=tomorrow()) == 1
    assert asks(place, "logs", "purge", execution_id=execution_id, end_date=tomorrow(), limit=1) == 1
    assert asks(place, "logs", "purge", execution_id=execution_id, end_date=tomorrow(), limit=1) == 0
    assert len(entries("purging.purge_logs")) == 2


def test_a_task_keeps_its_cache_for_the_next_execution_of_its_flow(people: Cast) -> None:
    first, second, stranger = at_work(people), None, at_work(people, "prod.other")
    answer = people.olga.client.post("/api/v1/acme/executions/prod.data/worker")
    second_id = answer.json()["id"]
    with tenant_scope(ACME):
        second = place_of(second_id, task_runs(second_id)[0].id)
    assert asks(first, "executions", "find_cache", ttl=None) is None
    key = f"{first.files}tasks/log0/cache.zip"
    storage().put(key, BytesIO(b"cached"))
    with pytest.raises(NotFound):
        asks(second, "executions", "keep_cache", uri=uri_of(key))
    asks(first, "executions", "keep_cache", uri=uri_of(key))
    found = asks(second, "executions", "find_cache", ttl=3600)
    with storage().open(key_of(ACME, found)) as content:
        assert content.read() == b"cached"
    assert is_below(key_of(ACME, found), second.caches)
    assert not is_below(key_of(ACME, found), stranger.caches)
    assert asks(stranger, "executions", "find_cache", ttl=None) is None
    assert storage().stat(key) is None
    assert asks(second, "executions", "find_cache", ttl=0) is None
    assert asks(second, "executions", "find_cache", ttl=None) is None  # it is gone
