"""What tests of triggers that workers look at stand on: flows with one, and somebody who asks for looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from tests.cast import ACME
from tests.executions.ground import FakeWorker
from triggers.models import Trigger
from triggers.scheduling.asking import Asker
from workers.models import Job as JobRow
from workers.runtime.protocol import End, Found, Item, Job, Kept
from workers.worker_api.job_services import take_found

HTTP = "io.kestra.plugin.core.http.Trigger\n    uri: https://example.com"
LISTENS = "io.kestra.plugin.redis.list.RealtimeTrigger\n    url: redis://example.com\n    key: orders"


def watched_flow(flow_id: str = "watched", type: str = HTTP, more: str = "", flow: str = "") -> str:
    return f"""
id: {flow_id}
namespace: prod.data
{flow}
tasks:
  - {{id: log, type: io.kestra.plugin.core.log.Log, message: x}}
triggers:
  - id: watch
    type: {type}
    {more}
"""


def ask(flow_id: str = "watched") -> None:
    """Let its interval be over, and somebody ask for a look."""
    with tenant_scope(ACME):
        past = now() - timedelta(seconds=1)
        Trigger.objects.filter(flow_id=flow_id, due_at__isnull=False).update(due_at=past, next_at=past)
    Asker().ask_for_due()


def claimed(worker: FakeWorker, flow_id: str = "watched") -> Job:
    """The one look that is asked for."""
    ask(flow_id)
    (job,) = worker.claim(8)
    return job


def found(job: Job, secrets: Sequence[str] = (), **variables: Any) -> Item:
    return Item(job_id=job.id, attempt=1, kind=job.kind, started=True, values=dict(variables), secrets=list(secrets))


def nothing(job: Job) -> Item:
    return Item(job_id=job.id, attempt=1, kind=job.kind, started=True, end=End(state="SUCCESS"))


def failed(job: Job, error: str = "it is away", state: str = "FAILED") -> Item:
    return Item(job_id=job.id, attempt=1, kind=job.kind, started=True, end=End(state=state, error=error))


def begun(job: Job) -> Item:
    return Item(job_id=job.id, attempt=1, kind=job.kind, started=True)


def tell(job: Job, *finds: Mapping[str, Any], first: int = 0, kept: Kept | None = None) -> None:
    """As a trigger tells in the middle of its look."""
    take_found(job.token, job.id, Found(first=first, found=[dict(each) for each in finds], kept=kept))


def jobs() -> list[JobRow]:
    with tenant_scope(ACME):
        return list(JobRow.objects.filter(kind__in=("trigger", "listen")))


def end_leases() -> None:
    """The worker has been silent for too long."""
    with tenant_scope(ACME):
        JobRow.objects.exclude(phase="queued").update(lease_until=now() - timedelta(seconds=1))
