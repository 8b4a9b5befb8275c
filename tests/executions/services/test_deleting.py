"""Executions deleted together: nothing of them is left, nothing else goes, and the trail names each."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import AuditEntry
from control_plane.kernel.scope import tenant_scope
from executions.models import Execution, LogEntry, TaskRun
from executions.record.files import prefix_of
from executions.record.transitions import locked
from stores.storage.place import storage
from tests.cast import ACME, Cast, Person
from tests.executions.ground import FakeWorker, log_flow, row, save, start

pytestmark = pytest.mark.django_db
BASE = "/api/v1/acme/executions"


def ended(people: Cast, count: int) -> list[str]:
    save(people, log_flow())
    ids = [start(people).id for _ in range(count)]
    FakeWorker().work_off()
    return ids


def delete(person: Person, ids: list[str], query: str = "") -> Any:
    return person.client.delete(f"{BASE}/by-ids{query}", json.dumps(ids), content_type="application/json")


def left(model: type[Any], ids: list[str]) -> int:
    with tenant_scope(ACME):
        return int(model.objects.filter(execution_id__in=ids).count())


def test_nothing_of_them_is_left_and_each_is_told(people: Cast) -> None:
    first, second, other = ended(people, 3)
    with tenant_scope(ACME):
        prefix = prefix_of(locked(first).transition.execution)
    storage().put(f"{prefix}one.txt", BytesIO(b"1"))
    assert delete(people.olga, [second, first]).json() == {"count": 2}
    assert left(TaskRun, [first, second]) == left(LogEntry, [first, second]) == 0
    assert row(other).state == "SUCCESS" and left(TaskRun, [other]) == 1
    assert list(storage().list(prefix)) == []
    with tenant_scope(ACME):
        told = AuditEntry.objects.filter(action="DELETE").values_list("object_id", "namespace")
        assert sorted(told) == sorted([(first, "prod.data"), (second, "prod.data")])


def test_what_is_to_be_kept_is_kept(people: Cast) -> None:
    ids = ended(people, 1)
    with tenant_scope(ACME):
        LogEntry.objects.create(
            execution_id=ids[0], seq=9, namespace="prod.data", flow_id="hello", at=row(ids[0]).start_date, level="INFO"
        )
    assert delete(people.olga, ids, "?deleteLogs=false").json() == {"count": 1}
    assert left(LogEntry, ids) == 1 and left(TaskRun, ids) == 0


def test_the_cost_does_not_grow_with_statements(people: Cast) -> None:
    counts = []
    for number in (2, 6):
        ids = ended(people, 1) if not counts else [start(people).id for _ in range(number)]
        FakeWorker().work_off()
        with CaptureQueriesContext(connection) as asked:
            delete(people.olga, ids)
        counts.append(len(asked) - len(ids))
    assert counts[1] <= counts[0]


def test_one_whose_last_tasks_still_run_is_deleted_with_its_jobs(people: Cast) -> None:
    after = "\nafterExecution:\n  - {id: after, type: io.kestra.plugin.core.log.Log, message: m}"
    save(people, log_flow() + after)
    execution = start(people)
    worker = FakeWorker()
    (job,) = worker.claim()
    (late,) = worker.succeed(job, want=1).jobs
    assert row(execution.id).state == "SUCCESS"
    assert delete(people.olga, [execution.id]).json() == {"count": 1}
    assert worker.succeed(late).results[0].status == "gone"


def test_rights_are_asked_for_each_namespace(people: Cast) -> None:
    (mine,) = ended(people, 1)
    save(people, log_flow().replace("prod.data", "dev"))
    theirs = people.olga.client.post(f"{BASE}/dev/hello").json()["id"]
    FakeWorker().work_off()
    assert delete(people.lena, [mine, theirs]).status_code in (403, 404, 422)
    assert delete(people.vera, [mine]).status_code == 403
    assert delete(people.otto, [mine]).status_code in (403, 404)
    with tenant_scope(ACME):
        assert Execution.objects.count() == 2
    assert people.lena.client.delete(f"{BASE}/by-query").json() == {"count": 1}
    assert row(theirs).state == "SUCCESS"
