"""What people do to an execution, through the API."""

from __future__ import annotations

import json

import pytest

from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, ended, log_flow, row, save, start, task_runs

pytestmark = pytest.mark.django_db

BASE = f"/api/v1/{ACME}/executions"
PAUSED = """
id: paused
namespace: prod.data
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
    onResume:
      - id: reason
        type: STRING
  - id: after
    type: io.kestra.plugin.core.log.Log
    message: "{{ outputs.wait.onResume.reason }}"
"""


def act(people: Cast, execution_id: str, name: str, method: str = "post", **given: object) -> dict[str, object]:
    answer = getattr(people.olga.client, method)(f"{BASE}/{execution_id}/actions/{name}", **given)
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def test_an_execution_is_started_over_http(people: Cast) -> None:
    save(people, log_flow())
    answer = people.olga.client.post(f"{BASE}/prod.data/hello?labels=team:sdk&labels=a:b")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["state"]["current"] == "RUNNING"
    assert {"key": "team", "value": "sdk"} in body["labels"]
    assert body["url"].endswith(f"/ui/acme/executions/prod.data/hello/{body['id']}")
    shown = people.olga.client.get(f"{BASE}/{body['id']}").json()
    assert [run["taskId"] for run in shown["taskRunList"]] == ["log0"]


def test_a_killed_execution_starts_nothing_more(people: Cast) -> None:
    save(people, log_flow(tasks=2))
    execution = start(people)
    worker = FakeWorker()
    (job,) = worker.claim()
    worker.report(ended(job).__class__(job_id=job.id, attempt=1, started=True))
    assert act(people, execution.id, "kill", "delete")["state"]["current"] == "KILLING"  # type: ignore[index]
    assert worker.report(ended(job, state="KILLED")).results[0].status == "ok"
    assert row(execution.id).state == "KILLED"
    assert worker.claim(4) == []
    assert len(task_runs(execution.id)) == 1


def test_a_job_that_waits_is_withdrawn_by_a_kill(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    assert act(people, execution.id, "kill", "delete")["state"]["current"] == "KILLED"  # type: ignore[index]
    assert FakeWorker().claim() == []


def test_a_pause_task_waits_for_its_values(people: Cast) -> None:
    save(people, PAUSED)
    execution = start(people, "paused")
    assert row(execution.id).state == "PAUSED"
    refused = people.olga.client.post(f"{BASE}/{execution.id}/actions/resume")
    assert refused.status_code == 422, refused.content
    checked = act(people, execution.id, "resume/validate")
    assert checked["inputs"][0]["errors"]  # type: ignore[index]
    act(people, execution.id, "resume", data={"reason": "because"})
    worker = FakeWorker()
    (job,) = worker.claim()
    assert job.scope["outputs"]["wait"]["onResume"] == {"reason": "because"}
    worker.report(ended(job))
    assert row(execution.id).state == "SUCCESS"


def test_what_is_not_paused_cannot_be_resumed(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    assert people.olga.client.post(f"{BASE}/{execution.id}/actions/resume").status_code == 409


def test_a_failed_execution_is_restarted_from_its_failed_task(people: Cast) -> None:
    save(people, log_flow(tasks=2))
    execution = start(people)
    worker = FakeWorker()
    (job,) = worker.report(ended(worker.claim()[0]), want=1).jobs
    worker.report(ended(job, state="FAILED", error="no"))
    assert row(execution.id).state == "FAILED"
    body = act(people, execution.id, "restart")
    assert "RESTARTED" in [step["state"] for step in body["state"]["histories"]]  # type: ignore[index]
    (again,) = worker.claim()
    assert again.task["id"] == "log1" and again.attempt == 2
    worker.report(ended(again))
    assert row(execution.id).state == "SUCCESS"


def test_a_replay_is_another_execution(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    FakeWorker().work_off()
    body = act(people, execution.id, "replay")
    assert body["id"] != execution.id
    assert body["originalId"] == execution.id
    assert body["state"]["current"] == "RUNNING"  # type: ignore[index]
    FakeWorker().work_off()
    assert row(str(body["id"])).state == "SUCCESS"


def test_a_replay_from_a_task_run_keeps_what_stands_before_it(people: Cast) -> None:
    save(people, log_flow(tasks=2))
    execution = start(people)
    FakeWorker().work_off()
    second = task_runs(execution.id)[1]
    body = act(people, execution.id, f"replay?taskRunId={second.id}")
    assert [run["taskId"] for run in body["taskRunList"]] == ["log0", "log1"]  # type: ignore[index]
    assert FakeWorker().work_off() == 1
    assert row(str(body["id"])).state == "SUCCESS"


def test_breakpoints_stop_until_people_go_on(people: Cast) -> None:
    save(people, log_flow(tasks=2))
    execution = start(people, breakpoints=["log1"])
    worker = FakeWorker()
    assert worker.work_off() == 1
    assert row(execution.id).state == "BREAKPOINT"
    act(people, execution.id, "resume-from-breakpoint")
    worker.work_off()
    assert row(execution.id).state == "SUCCESS"


def test_labels_are_changed_once_it_has_ended(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people, labels={"old": "1"})
    address = f"{BASE}/{execution.id}/actions/labels"
    body = json.dumps([{"key": "new", "value": "2"}])
    assert people.olga.client.post(address, body, content_type="application/json").status_code == 400
    FakeWorker().work_off()
    shown = people.olga.client.post(address, body, content_type="application/json").json()
    assert {label["key"] for label in shown["labels"]} == {"new", "system.correlationId", "system.from"}


def test_an_end_can_be_changed(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    assert people.olga.client.post(f"{BASE}/{execution.id}/actions/change-status?status=WARNING").status_code == 409
    FakeWorker().work_off()
    act(people, execution.id, "change-status?status=WARNING")
    assert row(execution.id).state == "WARNING"


@pytest.mark.parametrize("state", ["RESUBMITTED", "SKIPPED", "RUNNING", "QUEUED", "SUBMITTED"])
def test_what_is_no_end_of_an_execution_is_refused(people: Cast, state: str) -> None:
    save(people, log_flow())
    execution = start(people)
    FakeWorker().work_off()
    for address in (
        f"{execution.id}/actions/change-status?status={state}",
        f"{execution.id}/actions/unqueue?state={state}",
    ):
        assert 400 <= people.olga.client.post(f"{BASE}/{address}").status_code < 500, address
    assert row(execution.id).state == "SUCCESS"


def test_a_deleted_execution_is_gone_with_its_jobs(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    worker = FakeWorker()
    (job,) = worker.claim()
    assert people.olga.client.delete(f"{BASE}/{execution.id}").status_code == 204
    assert people.olga.client.get(f"{BASE}/{execution.id}").status_code == 404
    assert worker.report(ended(job)).results[0].status == "gone"


def test_lists_are_exact_and_filtered(people: Cast) -> None:
    save(people, log_flow())
    for number in range(3):
        start(people, labels={"n": str(number)})
    body = people.olga.client.get(f"{BASE}/search?size=2&page=2").json()
    assert body["total"] == 3 and len(body["results"]) == 1
    assert "taskRunList" not in body["results"][0]
    assert people.olga.client.get(f"{BASE}/search?filters[labels][EQUALS][n]=1").json()["total"] == 1
    assert people.olga.client.get(f"{BASE}/search?filters[state][IN]=FAILED,KILLED").json()["total"] == 0
    assert people.olga.client.get(f"{BASE}/search?filters[nonsense][EQUALS]=1").status_code == 400


def test_others_see_nothing(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    assert people.otto.client.get(f"{BASE}/{execution.id}").status_code in (403, 404)
    assert people.otto.client.get(f"/api/v1/globex/executions/{execution.id}").status_code == 404
    assert people.otto.client.delete(f"/api/v1/globex/executions/{execution.id}/actions/kill").status_code == 404
    assert people.vera.client.delete(f"{BASE}/{execution.id}/actions/kill").status_code == 403
    assert people.vera.client.get(f"{BASE}/{execution.id}").status_code == 200


def test_an_act_on_many_is_accepted_then_done(people: Cast) -> None:
    from executions.maintenance.bulk import carry_on

    save(people, log_flow())
    ids = [start(people).id for _ in range(3)]
    answer = people.olga.client.delete(f"{BASE}/kill/by-ids", json.dumps(ids[:2]), content_type="application/json")
    assert answer.json()["totalItems"] == 2
    assert not carry_on()
    assert [row(each).state for each in ids] == ["KILLED", "KILLED", "RUNNING"]
    nothing = people.olga.client.delete(f"{BASE}/kill/by-query?filters[flowId][EQUALS]=none")
    assert nothing.status_code == 200 and nothing.json()["totalItems"] == 0


def test_an_unknown_id_refuses_an_act_on_many(people: Cast) -> None:
    save(people, log_flow())
    body = json.dumps([start(people).id, "nobody"])
    assert people.olga.client.post(f"{BASE}/pause/by-ids", body, content_type="application/json").status_code == 400


def test_many_are_deleted_or_none(people: Cast) -> None:
    save(people, log_flow())
    first = start(people)
    FakeWorker().work_off()
    second = start(people)
    body = json.dumps([first.id, second.id])
    refused = people.olga.client.delete(f"{BASE}/by-ids", body, content_type="application/json")
    assert refused.status_code == 422, refused.content
    assert people.olga.client.get(f"{BASE}/{first.id}").status_code == 200
    gone = people.olga.client.delete(f"{BASE}/by-query?filters[flowId][EQUALS]=hello")
    assert gone.json() == {"count": 1}


def test_inputs_are_tried_without_a_start(people: Cast) -> None:
    save(people, log_flow("asks") + "\ninputs:\n  - {id: name, type: STRING}\n  - {id: n, type: INT, defaults: 3}")
    body = people.olga.client.post(f"{BASE}/prod.data/asks/validate").json()
    by_id = {each["input"]["id"]: each for each in body["inputs"]}
    assert by_id["name"]["errors"] and by_id["n"]["value"] == 3 and by_id["n"]["isDefault"]
    refused = people.olga.client.post(f"{BASE}/prod.data/asks")
    assert refused.status_code == 422
    started = people.olga.client.post(f"{BASE}/prod.data/asks", {"name": "x", "n": "4", "unknown": "1"})
    assert started.json()["inputs"] == {"name": "x", "n": 4}


def test_an_expression_is_tried_on_an_execution(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    address = f"{BASE}/{execution.id}/actions/eval"
    answer = people.olga.client.post(address, "{{ flow.id ~ '!' }}", content_type="text/plain")
    assert answer.json() == {"result": "hello!"}
    assert "error" in people.olga.client.post(address, "{{ nothing }}", content_type="text/plain").json()


def test_the_flow_of_an_execution_shows_no_properties(people: Cast) -> None:
    save(people, log_flow())
    execution = start(people)
    shown = people.olga.client.get(f"{BASE}/{execution.id}/flow").json()
    assert shown["tasks"] == [{"id": "log0", "type": "io.kestra.plugin.core.log.Log"}]
    assert people.olga.client.get(f"{BASE}/{execution.id}/graph").json()["nodes"]
    assert people.olga.client.get(f"{BASE}/namespaces").json() == ["prod.data"]
    assert people.olga.client.get(f"{BASE}/namespaces/prod.data/flows").json()[0]["id"] == "hello"
