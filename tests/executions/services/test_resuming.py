"""What a paused task asks for: files are stored, secrets are sealed, and both are there for the tasks that follow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from control_plane.kernel.scope import tenant_scope
from executions.models import LogEntry
from executions.record.files import prefix_of
from executions.record.transitions import locked
from stores.storage.place import storage
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, row, save, start, task_runs
from tests.executions.worker_at_hand import work_for_real

pytestmark = pytest.mark.django_db
VALUE = "hunter2-hunter2"
CORE = "io.kestra.plugin.core"
ASKS = f"""
id: asks
namespace: prod.data
tasks:
  - id: wait
    type: {CORE}.flow.Pause
    onResume:
      - {{id: f, type: FILE}}
      - {{id: s, type: SECRET}}
  - id: reads
    type: {CORE}.debug.Return
    format: "{{{{ read(outputs.wait.onResume.f) }}}} {{{{ outputs.wait.onResume.s | length }}}}"
  - id: says
    type: {CORE}.log.Log
    message: "it is {{{{ outputs.wait.onResume.s }}}}"
"""


def files_of(execution_id: str) -> list[str]:
    with tenant_scope(ACME):
        record = locked(execution_id).transition.execution
        return [each.key for each in storage().list(prefix_of(record))]


@pytest.fixture
def waiting(people: Cast) -> str:
    save(people, ASKS)
    return start(people, "asks").id


def sent() -> dict[str, object]:
    return {"f": SimpleUploadedFile("räport.txt", b"content"), "s": VALUE}


def test_a_file_is_stored_and_a_secret_is_sealed(people: Cast, waiting: str, tmp_path: Path):
    answer = people.olga.client.post(f"/api/v1/{ACME}/executions/{waiting}/actions/resume", sent())
    assert answer.status_code == 200, answer.content
    resumed = (task_runs(waiting)[0].outputs or {})["onResume"]
    assert resumed["f"].startswith("kestra:///prod/data/asks/executions/")
    assert VALUE not in json.dumps(resumed)
    work_for_real(FakeWorker(), tmp_path)
    assert row(waiting).state == "SUCCESS"
    assert (task_runs(waiting)[1].outputs or {})["value"] == f"content {len(VALUE)}"
    with tenant_scope(ACME):
        assert LogEntry.objects.get(message__startswith="it is").message == "it is ******"
    shown = people.olga.client.get(f"/api/v1/{ACME}/outputs/{waiting}/{task_runs(waiting)[0].id}").json()
    assert shown["onResume"] == {"f": resumed["f"], "s": "******"}


def test_what_is_only_tried_keeps_nothing(people: Cast, waiting: str):
    answer = people.olga.client.post(f"/api/v1/{ACME}/executions/{waiting}/actions/resume/validate", sent())
    assert answer.status_code == 200, answer.content
    assert VALUE not in answer.content.decode()
    assert row(waiting).state == "PAUSED"
    assert files_of(waiting) == []
