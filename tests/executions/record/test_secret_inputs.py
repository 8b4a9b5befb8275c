"""SECRET inputs are sealed wherever they are kept, and open only for the job that needs them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection

from control_plane.kernel.scope import tenant_scope
from executions.maintenance.outbox_folding import fold_outbox_event
from executions.models import OutboxEvent
from executions.record import outbox
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, ended, row, save, start, task_runs

pytestmark = pytest.mark.django_db
SECRET = "hunter-two-and-more"
LOG = "io.kestra.plugin.core.log.Log"
PARENT = """
id: parent
namespace: prod.data
inputs: [{id: given, type: SECRET}]
tasks:
  - id: sub
    type: io.kestra.plugin.core.flow.Subflow
    namespace: prod.data
    flowId: closed
    inputs: {password: "{{ inputs.given }}"}
"""


def secret_flow(flow_id: str = "closed", namespace: str = "prod.data", tasks: str = "") -> str:
    return f"""
id: {flow_id}
namespace: {namespace}
inputs:
  - {{id: password, type: SECRET}}
  - {{id: name, type: STRING, defaults: ann}}
tasks:
  - {{id: uses, type: {LOG}, message: "{{{{ inputs.password }}}}"}}
  - {{id: ignores, type: {LOG}, message: "{{{{ inputs.name }}}}"}}
{tasks}"""


def everything_stored() -> str:
    """All that the execution left in the database, as text."""
    tables = ("execution", "task_run", "job", "outbox_event", "log_entry", "timer")
    with tenant_scope(ACME), connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} AS t")
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)


def test_only_the_job_that_needs_a_secret_gets_it(people: Cast) -> None:
    save(people, secret_flow())
    execution = start(people, "closed", inputs={"password": SECRET})
    assert execution.inputs["password"]["type"] == "io.kestra.datatype:aes_encrypted"
    worker = FakeWorker()
    (job,) = worker.claim()
    assert (job.scope["inputs"]["password"], job.secrets) == (SECRET, [SECRET])
    (other,) = worker.succeed(job, want=1).jobs
    assert SECRET not in json.dumps(other.scope, default=str) and other.secrets == []
    worker.succeed(other)
    assert row(execution.id).state == "SUCCESS"
    assert SECRET not in everything_stored()


def test_the_api_never_shows_it(people: Cast) -> None:
    save(people, secret_flow())
    client = people.olga.client
    started = client.post("/api/v1/acme/executions/prod.data/closed", {"password": SECRET})
    shown = [started, client.get(f"/api/v1/acme/executions/{started.json()['id']}")]
    shown += [client.get("/api/v1/acme/executions/search"), client.get("/api/v1/acme/auditlogs/search")]
    shown.append(client.post("/api/v1/acme/executions/prod.data/closed/validate", {"password": SECRET}))
    for answer in shown:
        assert answer.status_code == 200 and SECRET not in answer.content.decode()


def test_a_condition_on_a_secret_is_decided_by_a_worker(people: Cast) -> None:
    check = f"""  - id: choose
    type: io.kestra.plugin.core.flow.If
    condition: "{{{{ inputs.password == '{SECRET}' }}}}"
    then:
      - {{id: yes_, type: {LOG}, message: right}}
"""
    save(people, secret_flow(tasks=check))
    execution = start(people, "closed", inputs={"password": SECRET})
    worker, asked = FakeWorker(), []

    def end(job: Any) -> Any:
        if job.kind != "evaluate":
            return ended(job)
        asked.append((job.scope["inputs"]["password"], job.secrets))
        return ended(job, **dict.fromkeys(job.evaluations, True))

    worker.work_off(end)
    assert asked == [(SECRET, [SECRET])]
    assert "yes_" in [run.task_id for run in task_runs(execution.id)]


def test_a_replay_keeps_it_and_takes_another(people: Cast) -> None:
    save(people, secret_flow())
    execution = start(people, "closed", inputs={"password": SECRET})
    worker = FakeWorker()
    worker.work_off()
    client = people.olga.client
    client.post(f"/api/v1/acme/executions/{execution.id}/actions/replay")
    (job,) = worker.claim()
    assert job.secrets == [SECRET]
    worker.work_off()
    client.post(f"/api/v1/acme/executions/{execution.id}/actions/replay-with-inputs", {"password": "another one"})
    seen = {job.scope["inputs"]["password"] for job in worker.claim(4) if job.secrets}
    assert "another one" in seen
    assert "another one" not in everything_stored()


def test_a_sealed_value_opens_in_no_other_flow(people: Cast) -> None:
    save(people, secret_flow())
    save(people, secret_flow("thief"))
    sealed = start(people, "closed", inputs={"password": SECRET}).inputs["password"]
    stolen = start(people, "thief", inputs={"password": sealed})
    FakeWorker().work_off()
    assert row(stolen.id).state == "FAILED"
    assert SECRET not in everything_stored()


def nothing_anywhere_holds(secret: str) -> bool:
    """No row of any table that the application may read, whatever it is for."""
    with tenant_scope(ACME), connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        assert {"outbox_event", "job", "execution", "log_entry"} <= set(tables)
        for table in tables:
            cursor.execute(f'SELECT 1 FROM "{table}" AS t WHERE row_to_json(t)::text LIKE %s LIMIT 1', [f"%{secret}%"])
            if cursor.fetchone():
                return False
    return True


@pytest.mark.parametrize("given", ["{{ inputs.given }}", "{{ secret('given') }}"])
def test_a_secret_on_its_way_to_a_subflow_is_sealed(people: Cast, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    save(people, secret_flow())
    save(people, PARENT.replace("{{ inputs.given }}", given))
    monkeypatch.setattr(outbox, "_fold", [])  # the process died before it could fold
    start(people, "parent", inputs={"given": SECRET})
    worker = FakeWorker()
    (job,) = worker.claim()
    worker.report(ended(job, **{**job.evaluations, "inputs": {"password": SECRET}}))
    with tenant_scope(ACME):
        (event,) = OutboxEvent.objects.filter(kind=outbox.START_CHILD)
        assert list(event.payload["inputs"]) and event.payload["flowId"] == "closed"
    assert nothing_anywhere_holds(SECRET)
    monkeypatch.undo()
    fold_outbox_event(ACME, event.id)
    (job,) = worker.claim()
    assert job.secrets == [SECRET]
    assert nothing_anywhere_holds(SECRET)


def test_a_subflow_gets_a_secret_under_its_own_seal(people: Cast) -> None:
    save(people, secret_flow())
    save(people, PARENT)
    start(people, "parent", inputs={"given": SECRET})
    worker, seen = FakeWorker(), []

    def end(job: Any) -> Any:
        if job.kind == "evaluate":
            return ended(job, **{**job.evaluations, "inputs": {"password": job.scope["inputs"]["given"]}})
        seen.extend(job.secrets)
        return ended(job)

    worker.work_off(end)
    worker.work_off(end)  # the child began after the answer to the last report
    assert seen == [SECRET]
    with tenant_scope(ACME), connection.cursor() as cursor:
        cursor.execute("SELECT inputs::text FROM execution")
        assert not any(SECRET in inputs for (inputs,) in cursor.fetchall())
