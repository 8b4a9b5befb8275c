"""Whatever trigger starts an execution, the trail says which one; and where it cannot, nothing starts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from audit.models import AuditEntry
from control_plane.embedded.postgres import Postgres
from control_plane.kernel.scope import tenant_scope
from executions.queries.starters import who_started
from tests.architecture.test_audited import without_entries
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, ended, save, start
from tests.triggers.ground import NOON, Timed, executions_of, timed_flow, trigger_of
from tests.triggers.listening.test_listening import depends_on, up
from tests.triggers.watching import claimed, found, watched_flow
from triggers.listening.listening import hear_changes

pytestmark = pytest.mark.django_db


def starts() -> list[AuditEntry]:
    with tenant_scope(ACME):
        return list(AuditEntry.objects.filter(resource="EXECUTION", action="CREATE", actor_kind="TRIGGER"))


def the_start_of(flow_id: str) -> tuple[AuditEntry, dict[str, Any]]:
    (entry,), (execution,) = starts(), executions_of(flow_id)
    body = json.loads(entry.body)
    assert (entry.object_id, entry.namespace) == (execution.id, "prod.data")
    assert body["after"] == {"id": execution.id, "flowId": flow_id, "revision": 1}
    return entry, body["detail"]


def make_due(people: Cast, timed: Timed) -> None:
    save(people, timed_flow())
    timed.begin(NOON)


def test_a_schedule(people: Cast, timed: Timed) -> None:
    make_due(people, timed)
    timed.look()
    entry, detail = the_start_of("timed")
    assert (entry.actor_id, entry.actor_name) == ("clock", "prod.data.timed/clock")
    assert detail == {"triggerId": "clock", "triggerType": "io.kestra.plugin.core.trigger.Schedule"}
    with tenant_scope(ACME):
        assert who_started(entry.object_id) == {"kind": "TRIGGER", "id": "clock", "name": "prod.data.timed/clock"}


def test_the_page_of_an_execution_finds_its_trigger(people: Cast, timed: Timed) -> None:
    make_due(people, timed)
    timed.look()
    (execution,) = executions_of("timed")
    filters = f"filters[resources][IN]=EXECUTION&filters[id][EQUALS]={execution.id}"
    answer = people.olga.client.get(f"/api/v1/{ACME}/auditlogs/search?{filters}").json()
    (item,) = answer["results"]
    assert item["user"]["type"] == "TRIGGER" and item["user"]["username"] == "prod.data.timed/clock"
    assert item["auditLog"]["detail"]["command"] == "start_execution"


def test_an_execution_that_was_listened_to_is_named(people: Cast) -> None:
    up(people, "first")
    up(people, "after", depends_on("first"))
    upstream = start(people, "first")
    FakeWorker().work_off(lambda job: ended(job, value="x"))
    hear_changes()
    _, detail = the_start_of("after")
    assert (detail["triggerId"], detail["executionId"]) == ("after", upstream.id)


def test_what_a_look_finds_and_nothing_of_what_it_brought(people: Cast) -> None:
    save(people, watched_flow())
    worker = FakeWorker()
    worker.report(found(claimed(worker), said="zq-secret", executionId="zq-other"))
    entry, detail = the_start_of("watched")
    assert detail["triggerId"] == "watch" and "zq-" not in entry.body


def test_no_date_fires_that_cannot_be_told(people: Cast, timed: Timed, postgres: Postgres) -> None:
    make_due(people, timed)
    with without_entries(postgres):
        timed.scheduler.fire_due()
    assert executions_of("timed") == [] and trigger_of().fired_at is None
    timed.begin(NOON)
    timed.look()
    assert len(executions_of("timed")) == len(starts()) == 1, "its date is made up for"


def test_no_find_begins_that_cannot_be_told(people: Cast, postgres: Postgres) -> None:
    save(people, watched_flow())
    worker = FakeWorker()
    job = claimed(worker)
    with without_entries(postgres):
        (result,) = worker.report(found(job, code=200)).results
    assert result.status == "gone", "the worker lets it go, and somebody looks again"
    assert executions_of("watched") == []


def test_a_webhook_is_told_once_as_the_request_it_is(people: Cast) -> None:
    save(people, timed_flow("hooked").replace("Schedule\n    cron: '*/10 * * * *'", "Webhook\n    key: some-key-of-it"))
    path = f"/api/v1/{ACME}/executions/webhook/prod.data/hooked/some-key-of-it"
    answer = people.olga.client.post(path)
    assert answer.status_code == 200, answer.content
    (execution,) = executions_of("hooked")
    with tenant_scope(ACME):
        (entry,) = AuditEntry.objects.filter(resource="EXECUTION", object_id=execution.id)
    assert json.loads(entry.body)["detail"]["triggerId"] == "clock"
