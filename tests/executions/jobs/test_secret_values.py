"""A secret that comes into values is masked wherever they are shown, and usable where they are rendered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from control_plane.kernel.scope import tenant_scope
from stores.secrets.services import put_secret
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, lines_of, row, save, start
from tests.executions.worker_at_hand import work_for_real
from tests.plugins.reachable import reachable_folder

pytestmark = pytest.mark.django_db
CORE = "io.kestra.plugin.core"
SECRET = "hunter2-hunter2"


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made


def ran(people: Cast, folder: Path, tasks: str) -> str:
    put_secret(people.olga.context(ACME), namespace="prod.data", key="PW", value=SECRET)
    save(people, f"id: secretive\nnamespace: prod.data\ntasks:\n{tasks}")
    execution_id = start(people, "secretive").id
    work_for_real(FakeWorker(), folder)
    return execution_id


def kept() -> str:
    """All that is kept of executions, as one text."""
    with tenant_scope(ACME), connection.cursor() as cursor:
        texts = []
        for table in ("execution", "task_run", "log_entry", "metric", "outbox_event", "job"):
            cursor.execute(f"SELECT coalesce(string_agg(to_jsonb({table})::text, ' '), '') FROM {table}")
            texts.append(cursor.fetchone()[0])
    return " ".join(texts)


@pytest.mark.parametrize("kind, name", [("ForEach", "values"), ("EachParallel", "value"), ("Loop", "values")])
def test_a_loop_over_secrets_is_refused_before_anything_shows_one(people: Cast, folder: Path, kind: str, name: str):
    tasks = (
        f"  - id: each\n    type: {CORE}.flow.{kind}\n    {name}: \"{{{{ ['x', secret('PW')] }}}}\"\n"
        f"    tasks: [{{id: in, type: {CORE}.log.Log, message: hello}}]\n"
    )
    execution_id = ran(people, folder, tasks)
    assert row(execution_id).state == "FAILED"
    assert any("The values of a loop hold a secret" in message for _, message in lines_of(execution_id))
    assert SECRET not in kept()


def test_what_a_flowable_makes_of_a_secret_is_sealed(people: Cast, folder: Path):
    tasks = f"""
  - {{id: given, type: {CORE}.debug.Return, format: "{{{{ secret('PW') }}}}"}}
  - id: which
    type: {CORE}.flow.Switch
    value: "{{{{ outputs.given.value }}}}"
    defaults: [{{id: other, type: {CORE}.log.Log, message: "is {{{{ outputs.which.value }}}}"}}]
"""
    execution_id = ran(people, folder, tasks)
    assert row(execution_id).state == "SUCCESS"
    assert [message for _, message in lines_of(execution_id)] == ["is ******"]
    runs = people.olga.client.get(f"/api/v1/{ACME}/taskruns/{execution_id}?taskId=which").json()["results"]
    outputs = people.olga.client.get(f"/api/v1/{ACME}/outputs/{execution_id}/{runs[0]['id']}").json()
    assert outputs["value"] == "******"
    assert SECRET not in kept()
