"""An execution reads files of what stands above it, of what it repeats, and of what it started; of nobody else."""

from __future__ import annotations

from io import BytesIO

import pytest

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import NotFound
from executions.models import Execution
from executions.queries.files import file_of
from executions.queries.kinship import may_read
from stores.storage.keys import execution_prefix, key_of, task_file_key, uri_of
from stores.storage.place import storage
from tests.cast import ACME, Cast
from tests.executions.ground import FakeWorker, log_flow, save, start
from workers.worker_api import job_services

pytestmark = pytest.mark.django_db

# Who names whom: (parent, original). A replay's parent is what it was made of.
LINES: dict[str, tuple[str | None, str | None]] = {
    "top": (None, None),
    "parent": ("top", None),
    "own": ("parent", None),
    "child": ("own", None),
    "grandchild": ("child", None),
    "brother": ("parent", None),
    "replay": ("own", "own"),
    "replay of replay": ("replay", "own"),
    "child of replay": ("replay", None),
    "retry": ("parent", "own"),
    "stranger": (None, None),
}
READS = {
    "own": {"top", "parent", "child", "grandchild"},
    "child": {"top", "parent", "own", "grandchild"},
    "replay": {"top", "parent", "own", "child", "grandchild"},
    "replay of replay": {"top", "parent", "own", "replay", "child", "grandchild", "child of replay"},
    "retry": {"top", "parent", "own", "child", "grandchild"},
    "brother": {"top", "parent"},
    "stranger": set(),
}


@pytest.fixture
def files(people: Cast) -> dict[str, str]:
    """The address of a file of each; in every one the flow has another revision than in the one before."""
    save(people, log_flow())
    ids = {name: start(people).id for name in LINES}
    found = {}
    with tenant_scope(ACME):
        for number, (name, (parent, original)) in enumerate(LINES.items(), start=1):
            Execution.objects.filter(id=ids[name]).update(
                parent_id=ids.get(parent or ""), original_id=ids.get(original or ""), flow_revision=number
            )
            key = task_file_key(execution_prefix(ACME, "prod.data", "hello", ids[name]), "log0", "run", "a.txt")
            storage().put(key, BytesIO(name.encode()))
            found[name] = uri_of(key)
    return found


def id_in(uri: str) -> str:
    return uri.split("/executions/")[1].split("/")[0]


@pytest.mark.parametrize("reader", list(READS))
def test_it_reads_its_own_files_and_those_of_its_kin(files: dict[str, str], reader: str):
    with tenant_scope(ACME):
        readable = {name for name, uri in files.items() if may_read(id_in(files[reader]), key_of(ACME, uri))}
    # A replay is also a child of what it was made of.
    later = {"replay", "replay of replay", "child of replay"} if reader in ("own", "replay", "retry") else set()
    assert readable | later == READS[reader] | {reader} | later


def test_people_and_jobs_are_answered_alike(people: Cast, files: dict[str, str]):
    jobs = {job.execution_id: job for job in FakeWorker().claim(len(LINES))}
    job = jobs[id_in(files["own"])]
    path = f"/api/v1/{ACME}/executions/{job.execution_id}/file/metas"
    for name, uri in files.items():
        answer = people.vera.client.get(path, {"path": uri})
        assert (answer.status_code == 200) is job_services.call(job.token, job.id, "storage", "may_read", {"uri": uri})
        if answer.status_code == 200:
            with job_services.open_file(job.token, job.id, uri) as content:
                assert content.read() == name.encode()
        else:
            with pytest.raises(NotFound):
                job_services.open_file(job.token, job.id, uri)


@pytest.mark.parametrize("uri", ["kestra:///prod/data/hello/executions", "kestra:///executions/x/y", "kestra:///a"])
def test_what_is_no_file_of_an_execution_is_nobodys(files: dict[str, str], uri: str):
    with tenant_scope(ACME):
        assert not may_read(id_in(files["own"]), key_of(ACME, uri))
        with pytest.raises(NotFound):
            file_of(id_in(files["own"]), uri)
