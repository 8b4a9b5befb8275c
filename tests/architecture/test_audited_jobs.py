"""What a job writes through the worker API is told in the same transaction, or not done."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.db import Error as DatabaseError

from audit.models import AuditEntry
from audit.recording.commands import NotRecorded
from control_plane.embedded.postgres import Postgres
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import ControlPlaneError
from executions.jobs import acts, places
from stores.jobs import calls
from stores.kv.transitions import put
from stores.kv.values import TypedValue
from stores.storage.keys import tenant_prefix
from stores.storage.place import storage
from tests.architecture.job_ground import HOME, JobGround, make_job_ground
from tests.architecture.test_audited import without_entries
from tests.architecture.test_twins import fingerprint
from tests.cast import ACME, Cast, make_cast
from workers.worker_api import job_services

pytestmark = pytest.mark.django_db
Do = Callable[[JobGround], Any]
STATE = {"name": "s", "namespace_wide": False, "value": None}
PURGE = {"end_date": "2099-01-01T00:00:00Z"}


def own_file(ground: JobGround, name: str = "out.txt") -> str:
    job = ground.job
    return job_services.keep_file(job.token, job.id, name, None, BytesIO(b"content")).uri


def asks(service: str, method: str, **arguments: Any) -> Do:
    return lambda ground: ground.call(service, method, **arguments)


def of_file(service: str, method: str) -> Do:
    return lambda ground: ground.call(service, method, uri=ground.file)


WRITES: dict[str, Do] = {
    "kv.put": asks("kv", "put", key="pair", value=1),
    "kv.delete": asks("kv", "delete", key="pair"),
    "kv.purge": asks("kv", "purge", namespace=None, key_pattern="*", expired_only=False, children=True),
    "state.write": asks("state", "write", data={"a": 1}, **STATE),
    "state.delete": asks("state", "delete", name="known", namespace_wide=False, value=None),
    "files.delete": asks("files", "delete", path="/file.txt"),
    "files.purge": asks("files", "purge", before="2099-01-01T00:00:00Z"),
    "storage.delete": of_file("storage", "delete"),
    "storage.purge_execution": asks("storage", "purge_execution"),
    "executions.resume": lambda ground: ground.call("executions", "resume", execution_id=ground.paused[HOME], inputs={}),
    "executions.purge": asks("executions", "purge", **PURGE),
    "logs.purge": asks("logs", "purge", **PURGE),
    "triggers.toggle": asks("triggers", "toggle", flow_id="logs", trigger="yearly", enabled=False),
    "PUT namespace-files": lambda ground: job_services.keep_namespace_file(
        ground.job.token, ground.job.id, "/new.txt", None, BytesIO(b"new")
    ),
}  # fmt: skip
READS: dict[str, Do] = {
    "kv.find": asks("kv", "find", key="pair"),
    "kv.keys": asks("kv", "keys"),
    "secrets.read": asks("secrets", "read", key="SECRET"),
    "secrets.credential": asks("secrets", "credential", name="credential"),
    "state.read": asks("state", "read", **STATE),
    "ciphers.encrypt": asks("ciphers", "encrypt", text="x"),
    "storage.size": of_file("storage", "size"),
    "storage.exists": of_file("storage", "exists"),
    "storage.may_read": of_file("storage", "may_read"),
    "files.list": asks("files", "list"),
    "expressions.file_uri": asks("expressions", "file_uri", uri="nsfile:///file.txt"),
    "expressions.error_logs": asks("expressions", "error_logs"),
    "expressions.tasks_with_state": asks("expressions", "tasks_with_state", state="SUCCESS"),
    "logs.fetch": asks("logs", "fetch", execution_id=None),
    "executions.count": asks("executions", "count", namespaces=[HOME]),
    "executions.child_outputs": asks("executions", "child_outputs", task_id="log"),
    "executions.find_cache": asks("executions", "find_cache", ttl=None),
}
# What they delete is made in tests of their own.
TRIED_ELSEWHERE = {
    "storage.purge_orphans": "tests/executions/jobs/test_acts.py",
    "flows.purge_revisions": "tests/executions/jobs/test_acts.py",
}
OF_THE_EXECUTION_ITSELF = {
    "executions.keep_cache": "as the files a task run keeps: told by its outputs",
    "audit.purge": "refused: not the namespace of the operator; see tests/audit/services/test_purging.py",
}


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def ground(cast: Cast) -> JobGround:
    made = make_job_ground(cast)
    made.file = own_file(made)
    made.call("state", "write", name="known", data={"n": 1}, namespace_wide=False, value=None)
    return made


def everything() -> tuple[Any, ...]:
    return fingerprint(ACME), [(each.key, each.size) for each in storage().list(tenant_prefix(ACME))]


def test_every_method_that_is_served_is_one_or_the_other():
    served = {**calls.SERVED, **acts.SERVED, **places.SERVED, **job_services.OWN}
    assert {".".join(name) for name in served} == {
        name for name in (*WRITES, *READS, *TRIED_ELSEWHERE, *OF_THE_EXECUTION_ITSELF) if "." in name
    }


@pytest.mark.parametrize("name", list(WRITES))
def test_no_write_of_a_job_is_done_whose_entry_cannot_be_written(ground: JobGround, postgres: Postgres, name: str):
    before = everything()
    with without_entries(postgres), pytest.raises(DatabaseError, match="zq-no-entry"):
        WRITES[name](ground)
    assert everything() == before


@pytest.mark.parametrize("name", list(WRITES))
def test_an_entry_names_the_execution_the_task_run_and_who_started_it(ground: JobGround, name: str):
    with tenant_scope(ACME):
        last = AuditEntry.objects.latest("seq").seq
    WRITES[name](ground)
    with tenant_scope(ACME):
        entries = list(AuditEntry.objects.filter(seq__gt=last))
    assert entries, name
    for entry in entries:
        detail = json.loads(entry.body)["detail"]
        assert (entry.actor_kind, entry.actor_id, entry.is_refused) == ("JOB", ground.job.execution_id, False)
        assert detail["executionId"] == ground.job.execution_id
        assert detail["taskRunId"] == ground.job.task_run_id
        assert detail["startedBy"]["name"] == "olga@acme.test"


@pytest.mark.parametrize("name", list(READS))
def test_what_only_asks_writes_nothing(ground: JobGround, name: str):
    before = everything()
    READS[name](ground)
    assert everything() == before


def test_a_write_without_an_entry_is_a_crash(ground: JobGround, monkeypatch: pytest.MonkeyPatch):
    def silent(place: calls.JobPlace) -> None:
        put(place.namespace, "silent", TypedValue("NUMBER", 1))

    monkeypatch.setitem(calls.SERVED, ("kv", "silent"), silent)
    with pytest.raises(NotRecorded, match=r"kv\.silent"):
        ground.call("kv", "silent")
    assert ground.call("kv", "find", key="silent") is None


def test_a_refusal_is_told_too(ground: JobGround):
    with pytest.raises(ControlPlaneError):
        ground.call("kv", "put", key="pair", value=1, namespace="prod.ops")
    with tenant_scope(ACME):
        entry = AuditEntry.objects.latest("seq")
    assert (entry.is_refused, entry.namespace, entry.actor_id) == (True, "prod.ops", ground.job.execution_id)
