"""How executions come into being: by a date, under a limit, as a child, and after checks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from control_plane.kernel.scope import across_tenants, tenant_scope
from control_plane.kernel.words.clock import now
from executions.maintenance.orphans import fold_orphaned_events
from executions.maintenance.timers import fire_due_timers
from executions.models import ConcurrencySlot, Execution, OutboxEvent, Timer
from executions.services.acting import force_run, kill_execution
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, ended, log_flow, row, save, start, task_runs

pytestmark = pytest.mark.django_db

LIMITED = log_flow("limited") + "\nconcurrency: {limit: 1, behavior: %s}"
PARENT = """
id: parent
namespace: prod.data
tasks:
  - id: call
    type: io.kestra.plugin.core.flow.Subflow
    namespace: prod.data
    flowId: child
    inputs: {name: "{{ flow.id }}"}
"""
CHILD = """
id: child
namespace: prod.data
inputs:
  - {id: name, type: STRING}
tasks:
  - {id: say, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.name }}"}
outputs:
  - {id: said, type: STRING, value: "{{ inputs.name }}"}
"""
RETRIED = """
id: retried
namespace: prod.data
tasks:
  - id: flaky
    type: io.kestra.plugin.core.log.Log
    message: x
    retry: {type: constant, interval: PT10M, maxAttempts: 2}
"""


def let_timers_come() -> None:
    with across_tenants("a test lets time pass"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
    with tenant_scope(ACME):
        Timer.objects.update(due_at=now() - timedelta(seconds=1))


def child_of(execution_id: str) -> Execution:
    with tenant_scope(ACME):
        return Execution.objects.get(parent_id=execution_id)


def test_an_execution_waits_for_its_date(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people, schedule_date=now() + timedelta(hours=1))
    assert row(execution.id).state == "CREATED"
    fire_due_timers()
    assert FakeWorker().claim() == []
    let_timers_come()
    fire_due_timers()
    assert FakeWorker().work_off() == 1
    assert row(execution.id).state == "SUCCESS"


def test_one_too_many_waits_and_inherits_the_place(people: Cast) -> None:
    save(people, LIMITED % "QUEUE")
    first, second, third = (start(people, "limited") for _ in range(3))
    assert [row(each.id).state for each in (first, second, third)] == ["RUNNING", "QUEUED", "QUEUED"]
    worker = FakeWorker()
    (job,) = worker.claim(4)
    worker.report(ended(job))
    assert [row(each.id).state for each in (first, second, third)] == ["SUCCESS", "RUNNING", "QUEUED"]
    assert (worker.work_off(), worker.work_off()) == (1, 1)
    assert row(third.id).state == "SUCCESS"
    with tenant_scope(ACME):
        assert not ConcurrencySlot.objects.exists()


def test_a_killed_one_passes_its_place_on(people: Cast) -> None:
    save(people, LIMITED % "QUEUE")
    first, second = (start(people, "limited") for _ in range(2))
    kill_execution(people.olga.context(ACME), execution_id=first.id)
    assert row(second.id).state == "RUNNING"


def test_a_queued_one_can_be_forced(people: Cast) -> None:
    save(people, LIMITED % "QUEUE")
    _, second = (start(people, "limited") for _ in range(2))
    force_run(people.olga.context(ACME), execution_id=second.id)
    assert row(second.id).state == "RUNNING"


@pytest.mark.parametrize(("behavior", "state"), [("CANCEL", "CANCELLED"), ("FAIL", "FAILED")])
def test_one_too_many_may_end_at_once(people: Cast, behavior: str, state: str) -> None:
    save(people, LIMITED % behavior)
    start(people, "limited")
    assert row(start(people, "limited").id).state == state


def test_a_child_starts_and_its_end_goes_to_the_parent(people: Cast) -> None:
    save(people, CHILD)
    save(people, PARENT)
    parent = start(people, "parent")
    child = child_of(parent.id)
    assert child.inputs == {"name": "parent"}
    assert FakeWorker().work_off() == 1
    assert row(parent.id).state == "SUCCESS"
    (call,) = task_runs(parent.id)
    assert call.outputs is not None and call.outputs["outputs"] == {"said": "parent"}
    with tenant_scope(ACME):
        assert not OutboxEvent.objects.exists()


def test_a_kill_reaches_the_child(people: Cast) -> None:
    save(people, CHILD)
    save(people, PARENT)
    parent = start(people, "parent")
    kill_execution(people.olga.context(ACME), execution_id=parent.id)
    assert child_of(parent.id).state == "KILLED"
    assert row(parent.id).state == "KILLED"


def test_a_child_that_cannot_start_fails_its_task(people: Cast) -> None:
    save(people, PARENT)
    parent = start(people, "parent")
    assert row(parent.id).state == "FAILED"


def test_a_outbox_event_whose_process_died_is_folded_later(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("executions.record.outbox._fold", [])
    save(people, CHILD)
    save(people, PARENT)
    parent = start(people, "parent")
    with tenant_scope(ACME):
        OutboxEvent.objects.update(due_at=now() - timedelta(seconds=5))
    fold_orphaned_events()
    assert child_of(parent.id).state == "RUNNING"
    fold_orphaned_events()
    with tenant_scope(ACME):
        assert Execution.objects.filter(parent_id=parent.id).count() == 1


def test_a_retry_waits_for_its_timer(people: Cast) -> None:
    save(people, RETRIED)
    execution = start(people, "retried")
    worker = FakeWorker()
    worker.report(ended(worker.claim()[0], state="FAILED", error="no"))
    assert row(execution.id).state == "RETRYING"
    assert worker.claim() == []
    let_timers_come()
    fire_due_timers()
    worker.report(ended(worker.claim()[0]))
    assert row(execution.id).state == "SUCCESS"


def test_a_check_that_blocks_starts_nothing(people: Cast) -> None:
    save(
        people,
        log_flow("checked") + "\nchecks:\n  - {when: '{{ false }}', message: not today, behavior: BLOCK_EXECUTION}",
    )
    answer = people.olga.client.post("/api/v1/acme/executions/prod.data/checked")
    assert answer.status_code == 422 and "not today" in answer.content.decode()
    with tenant_scope(ACME):
        assert not Execution.objects.exists()


def test_a_disabled_flow_is_not_started(people: Cast) -> None:
    save(people, log_flow("resting") + "\ndisabled: true")
    assert people.olga.client.post("/api/v1/acme/executions/prod.data/resting").status_code == 409
    assert people.olga.client.post("/api/v1/acme/executions/prod.data/none").status_code == 404
