"""A secret that comes into outputs is usable where it is rendered, and read nowhere."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from control_plane.kernel.scope import tenant_scope
from executions.engine.sealed import SEALED, has_sealed, shown
from executions.models import Execution, LogEntry, TaskRun
from executions.record.sealed_texts import opened, sealed
from stores.models import KvEntry
from stores.secrets.services import put_secret
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, row, save, start
from tests.executions.worker_at_hand import work_for_real
from workers.runtime.masking import MASK, spellings

pytestmark = pytest.mark.django_db
VALUE = "hunter2-hunter2"
CORE = "io.kestra.plugin.core"


def flow(tasks: str, flow_id: str = "leaks", more: str = "") -> str:
    return f"id: {flow_id}\nnamespace: prod.data\n{more}\ntasks:\n{tasks}"


RETURNS = f"""
  - id: a
    type: {CORE}.debug.Return
    format: "user:{{{{ secret('PW') }}}}@host"
"""


@pytest.fixture
def people(people: Cast) -> Cast:
    put_secret(people.olga.context(ACME), namespace="prod.data", key="PW", value=VALUE)
    return people


def run(people: Cast, tmp_path: Path, source: str, flow_id: str = "leaks") -> str:
    save(people, source)
    execution_id = start(people, flow_id).id
    work_for_real(FakeWorker(), tmp_path)
    return execution_id


def everything_kept() -> str:
    """All rows that can be shown, as text."""
    with tenant_scope(ACME):
        rows: list[Any] = [
            *Execution.objects.values("inputs", "outputs", "labels", "variables", "trigger", "frame"),
            *TaskRun.objects.values("outputs", "attempts", "value", "items", "frame"),
            *LogEntry.objects.values("message"),
            *KvEntry.objects.values("value"),
        ]
    return json.dumps(rows, default=str)


def everything_shown(people: Cast, execution_id: str) -> str:
    read = people.olga.client.get
    with tenant_scope(ACME):
        runs = list(TaskRun.objects.filter(execution_id=execution_id).values_list("id", flat=True))
    urls = [f"executions/{execution_id}", f"outputs/{execution_id}", "executions/search", f"logs/{execution_id}"]
    urls += [f"outputs/{execution_id}/{run_id}" for run_id in runs]
    return "\n".join(read(f"/api/v1/{ACME}/{url}").content.decode() for url in urls)


def outputs_of(execution_id: str, task_id: str) -> dict[str, Any]:
    with tenant_scope(ACME):
        found: dict[str, Any] = TaskRun.objects.get(execution_id=execution_id, task_id=task_id).outputs or {}
        return found


USES = f"""
  - id: log
    type: {CORE}.log.Log
    message: "got {{{{ outputs.a.value }}}}"
  - id: again
    type: {CORE}.debug.Return
    format: "{{{{ outputs.a.value | upper }}}}"
  - id: computed
    type: {CORE}.debug.Return
    format: "{{{{ outputs[taskrun.value ?? 'a'].value | length }}}}"
  - id: labels
    type: {CORE}.execution.Labels
    labels: {{leak: "{{{{ outputs.a.value }}}}"}}
  - id: fails
    type: {CORE}.execution.Fail
    allowFailure: true
    errorMessage: "no {{{{ outputs.a.value }}}}"
"""


def test_it_is_masked_where_shown_and_usable_where_rendered(people: Cast, tmp_path: Path):
    execution_id = run(people, tmp_path, flow(RETURNS + USES))
    assert row(execution_id).state == "WARNING"
    assert outputs_of(execution_id, "computed")["value"] == str(len(f"user:{VALUE}@host"))
    for told in (everything_kept(), everything_shown(people, execution_id)):
        assert not [each for each in spellings(VALUE) if each in told]
    with tenant_scope(ACME):
        messages = list(LogEntry.objects.filter(execution_id=execution_id).values_list("message", flat=True))
    assert f"got user:{MASK}@host" in messages and f"no user:{MASK}@host" in messages
    assert row(execution_id).labels["leak"] == f"user:{MASK}@host"
    assert shown(outputs_of(execution_id, "a")) == {"value": f"user:{MASK}@host"}
    assert SEALED not in everything_shown(people, execution_id)


def test_the_engine_leaves_what_it_must_not_read_to_a_worker(people: Cast, tmp_path: Path):
    tasks = f"""{RETURNS}
  - id: choose
    type: {CORE}.flow.If
    condition: "{{{{ outputs.a.value == 'user:{VALUE}@host' }}}}"
    then: [{{id: right, type: {CORE}.log.Log, message: right}}]
    else: [{{id: wrong, type: {CORE}.log.Log, message: wrong}}]
"""
    execution_id = run(people, tmp_path, flow(tasks))
    with tenant_scope(ACME):
        assert {"right"} == set(
            TaskRun.objects.filter(task_id__in=("right", "wrong")).values_list("task_id", flat=True)
        )
    assert row(execution_id).state == "SUCCESS"


def test_it_goes_on_through_the_outputs_of_a_flow_and_the_inputs_of_another(people: Cast, tmp_path: Path):
    child = flow(
        f"  - {{id: c, type: {CORE}.debug.Return, format: \"{{{{ inputs.pw | length }}}}\"}}",
        "child",
        "inputs: [{id: pw, type: STRING}]\noutputs: [{id: back, type: STRING, value: '{{ inputs.pw }}'}]",
    )  # fmt: skip
    save(people, child)
    parent = flow(f"""{RETURNS}
  - id: sub
    type: {CORE}.flow.Subflow
    namespace: prod.data
    flowId: child
    inputs: {{pw: "{{{{ outputs.a.value }}}}"}}
    labels: {{pw: "{{{{ outputs.a.value }}}}"}}
  - id: last
    type: {CORE}.debug.Return
    format: "{{{{ outputs.sub.outputs.back | length }}}}"
""")
    execution_id = run(people, tmp_path, parent)
    work_for_real(FakeWorker(), tmp_path)
    assert row(execution_id).state == "SUCCESS"
    length = str(len(f"user:{VALUE}@host"))
    assert outputs_of(execution_id, "last")["value"] == length
    with tenant_scope(ACME):
        started = Execution.objects.get(flow_id="child")
        assert has_sealed(started.inputs) and has_sealed(started.outputs)
    for told in (everything_kept(), everything_shown(people, started.id), everything_shown(people, execution_id)):
        assert VALUE not in told


@pytest.mark.parametrize(
    "task",
    [
        f"{{id: t, type: {CORE}.kv.Set, key: k, value: \"{{{{ secret('PW') }}}}\"}}",
        f"{{id: t, type: {CORE}.kv.Set, key: k, kvType: JSON, value: {{a: [\"{{{{ secret('PW') | base64encode }}}}\"]}}}}",
        f"{{id: t, type: {CORE}.state.Set, data: {{a: \"{{{{ secret('PW') }}}}\"}}}}",
    ],
    ids=["pair", "coded", "state"],
)
def test_what_everybody_reads_refuses_it_with_the_reason(people: Cast, tmp_path: Path, task: str):
    execution_id = run(people, tmp_path, flow(f"  - {task}"))
    with tenant_scope(ACME):
        error = LogEntry.objects.get(execution_id=execution_id, level="ERROR").message
        assert not KvEntry.objects.exists()
    assert row(execution_id).state == "FAILED"
    assert "A secret cannot be kept here" in error and VALUE not in error


def test_only_texts_that_hold_it_are_closed():
    given = {"a": "plain", "b": [f"x{VALUE}y", 1, None, True], VALUE: {"n": 2.5}}
    with tenant_scope(ACME):
        kept = sealed(given, [VALUE])
        assert kept["a"] == "plain" and kept["b"][1:] == [1, None, True]
        assert shown(kept) == {"a": "plain", "b": [f"x{MASK}y", 1, None, True], MASK: {"n": 2.5}}
        assert opened(kept) == ({"a": "plain", "b": given["b"], MASK: {"n": 2.5}}, [VALUE])
        assert VALUE not in json.dumps(kept)
        assert sealed(given, []) is given


@pytest.mark.parametrize(
    "spelling", [base64.b64encode(VALUE.encode()).decode(), VALUE.encode().hex(), json.dumps(VALUE)]
)
def test_however_it_is_spelled(spelling: str):
    with tenant_scope(ACME):
        assert has_sealed(sealed({"v": spelling}, [VALUE]))


def test_a_map_that_only_looks_like_one_is_left_as_it_is():
    forged = {"type": SEALED, "value": "nothing", "masked": "x"}
    with tenant_scope(ACME):
        assert opened({"v": forged}) == ({"v": forged}, [])
