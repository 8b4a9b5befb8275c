"""A group that is kept for a tenant runs nobody else's work, by whatever way somebody asks for it."""

from __future__ import annotations

from typing import Any

import pytest

from control_plane.kernel.actor import SYSTEM, Context
from control_plane.kernel.scope import tenant_scope
from executions.maintenance.unserved import see_to_unserved
from executions.record import flow_source
from flows.model.errors import FlowInvalid
from tenants.models import Namespace, Tenant
from tests.cast import ACME, GLOBEX, Cast, make_cast
from tests.executions.ground import FakeWorker, log_flow, save, start
from workers.models import Job
from workers.queue.lines import UNROUTED
from workers.services.groups import create_group
from workers.services.queues import Wanted, create_queue
from workers.services.subscriptions import WantedQueue
from workers.services.tokens import mint_group_token

pytestmark = pytest.mark.django_db
SYSTEM_CTX = Context(SYSTEM)
THEIRS = "theirs"


@pytest.fixture
def people(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def worker(people: Cast, monkeypatch: pytest.MonkeyPatch) -> FakeWorker:
    """Of a group whose only queue serves Globex."""
    monkeypatch.setattr(flow_source, "CHECKED_EVERY", 0.0)
    create_queue(SYSTEM_CTX, queue_id="own", wanted=Wanted(["own", "gpu"], tenants=[GLOBEX]))
    create_group(SYSTEM_CTX, key=THEIRS, name=THEIRS, queues=[WantedQueue("own")])
    return FakeWorker(mint_group_token(THEIRS))


def with_input(said: str) -> str:
    return log_flow().replace("tasks:\n", "inputs: [{id: place, type: STRING, defaults: theirs}]\ntasks:\n") + said


SAVED: dict[str, str] = {
    "by tags": log_flow() + "\nworkerSelector: {tags: [own], fallback: WAIT}",
    "by any tag": log_flow() + "\nworkerSelector: {tags: [own, gpu, x], match: ANY, fallback: WAIT}",
    "by tags of a task": log_flow() + "\n    workerSelector: {tags: [gpu], fallback: WAIT}",
    "by its key in an expression": with_input('\n    workerGroup: {key: "{{ inputs.place }}"}'),
    "by its key in an expression of the flow": with_input('\nworkerGroup: {key: "{{ inputs.place }}"}'),
    "by a tag in an expression": with_input("\nworkerSelector: {tags: [\"{{ 'own' }}\"], fallback: WAIT}"),
    "by the name of its line": with_input("\n    workerGroup: {key: \"{{ 'queue:own' }}\"}"),
    "by an expression of control": log_flow()
    + "\n    runIf: \"{{ kv('x') }}\"\nworkerSelector: {tags: [own], fallback: WAIT}",
}


@pytest.mark.parametrize("way", list(SAVED))
def test_a_job_of_another_tenant_is_never_handed_out(people: Cast, worker: FakeWorker, way: str) -> None:
    save(people, SAVED[way])
    start(people)
    see_to_unserved()
    assert worker.claim(8) == []
    with tenant_scope(ACME):
        assert [job.group_key for job in Job.objects.all()] == [UNROUTED]


@pytest.mark.parametrize("of", ["tenant", "namespace"])
@pytest.mark.parametrize("selector", [{"key": THEIRS}, {"tags": ["own"], "fallback": "WAIT"}])
def test_nor_by_a_default(people: Cast, worker: FakeWorker, of: str, selector: dict[str, Any]) -> None:
    settings = {"defaultWorkerSelector": selector}
    with tenant_scope(ACME):
        if of == "tenant":
            Tenant.objects.filter(id=ACME).update(settings=settings)
        else:
            Namespace.objects.create(name="prod", settings=settings)
    save(people, log_flow())
    start(people)
    see_to_unserved()
    assert worker.claim(8) == []


def test_its_key_is_refused_at_save(people: Cast, worker: FakeWorker) -> None:
    with pytest.raises(FlowInvalid):
        save(people, log_flow() + "\nworkerGroup: {key: theirs}")


def test_its_own_tenant_is_served_by_each_way(people: Cast, worker: FakeWorker) -> None:
    for number, source in enumerate(SAVED.values()):
        if "kv(" not in source and "queue:own" not in source:
            save(people, source.replace("id: hello", f"id: f{number}"), GLOBEX)
            start(people, f"f{number}", GLOBEX)
    assert len(worker.claim(16)) == 6


def test_a_worker_of_it_can_say_nothing_of_anothers_job(people: Cast, worker: FakeWorker) -> None:
    save(people, log_flow())
    start(people)
    (job,) = FakeWorker().claim()
    assert [each.status for each in worker.succeed(job).results] == ["gone"]
    with tenant_scope(ACME):
        assert Job.objects.get().phase == "leased"
