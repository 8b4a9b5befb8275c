"""Namespaces round one in which a job runs, each with one of everything, and the job as its worker would speak for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import ControlPlaneError
from executions.models import LogEntry
from plugins.contracts import PluginError
from stores.credentials import cache
from stores.credentials.exchange import Token
from stores.credentials.services import Wish, create_credential
from stores.kv.services import put_pair
from stores.kv.values import TypedValue
from stores.secrets.services import put_secret
from tenants.services.namespaces import create_namespace
from tests.cast import ACME, GLOBEX, Cast, Person, bind, make_person
from tests.executions.ground import FakeWorker, row, save
from tests.plugins.tasks.memory import MemoryContext
from tests.stores.files.written import write_file
from workers.runtime.protocol import Job
from workers.worker_api import job_services

HOME = "prod.eng"
NAMESPACES = {
    "own": HOME,
    "child": "prod.eng.deep",
    "parent": "prod",
    "sibling": "prod.ops",
    "allowing": "allowing",
    "allowing another": "closed",
}
PAUSES = """
id: {flow_id}
namespace: {namespace}
tasks:
  - id: wait
    type: io.kestra.plugin.core.flow.Pause
"""
LOGS = """
id: {flow_id}
namespace: {namespace}
tasks:
  - id: log
    type: io.kestra.plugin.core.log.Log
    message: hello
triggers:
  - id: yearly
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "@yearly"
"""


@dataclass
class JobGround:
    """`paused` and `ended` name an execution in each namespace; `pia` edits in the job's namespace and nowhere else."""

    job: Job
    pia: Person
    paused: dict[str, str] = field(default_factory=dict)
    ended: dict[str, str] = field(default_factory=dict)
    foreign: str = ""
    """An ended execution of another tenant, in a namespace of the same name."""
    file: str = ""
    """The address of one that the job has kept."""

    def call(self, service: str, method: str, **arguments: Any) -> Any:
        return job_services.call(self.job.token, self.job.id, service, method, arguments)

    def context(self, workdir: Path) -> MemoryContext:
        """What a task runs in, whose services are those of the worker API."""
        context = MemoryContext(workdir, {"flow": {"id": "worker", "namespace": HOME}, "execution": {"id": "none"}})
        context.namespace, context.flow_id = HOME, "worker"
        context.execution_id, context.task_run_id = self.job.execution_id, self.job.task_run_id
        names = ("kv", "state", "secrets", "logs", "executions", "flows", "triggers", "audit")
        context.services |= {name: _Served(self, name) for name in names}
        context.services["files"] = _ServedFiles(self)
        context.services["storage"].purge_orphans = _Served(self, "storage").purge_orphans
        return context


class _Served:
    def __init__(self, ground: JobGround, name: str) -> None:
        self._ground, self._name = ground, name

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return lambda **arguments: _as_task(lambda: self._ground.call(self._name, method, **arguments))


class _ServedFiles(_Served):
    def __init__(self, ground: JobGround) -> None:
        super().__init__(ground, "files")

    def open(self, *, path: str, namespace: str | None = None) -> BinaryIO:
        job = self._ground.job
        return _as_task(lambda: job_services.open_namespace_file(job.token, job.id, path, namespace))

    def put(self, *, path: str, source: Path | BinaryIO, namespace: str | None = None) -> str:
        job = self._ground.job
        content = BytesIO(source.read_bytes() if isinstance(source, Path) else source.read())
        return str(_as_task(lambda: job_services.keep_namespace_file(job.token, job.id, path, namespace, content).uri))


def _as_task(ask: Callable[[], Any]) -> Any:
    """A refusal as a task sees it."""
    try:
        return ask()
    except ControlPlaneError as error:
        raise PluginError(error.message) from error


def furnish(namespace: str, ctx: Any) -> None:
    """A pair, a secret and a file."""
    put_pair(ctx, namespace=namespace, key="pair", value=TypedValue("STRING", namespace))
    put_secret(ctx, namespace=namespace, key="SECRET", value=f"secret of {namespace}")
    write_file(ctx, namespace, "/file.txt", b"content")


def keep_token(ctx: Any) -> None:
    """A credential whose token is there, so that nobody is asked for one."""
    auth = {"type": "CLIENT_CREDENTIALS", "clientId": "a", "clientSecret": {"secretKey": "SECRET"}}
    settings = {"type": "OAUTH2", "tokenEndpoint": "http://127.0.0.1:1/token", "authConfig": auth}
    credential = create_credential(ctx, namespace=HOME, name="credential", wish=Wish(settings))
    with tenant_scope(ACME):
        cache.keep(credential, str(cache.take(credential)), Token("a-token-of-it", 3600))


def make_job_ground(cast: Cast) -> JobGround:
    ctx = cast.olga.context(ACME)
    allowed = {"allowing": HOME, "closed": "elsewhere"}
    for namespace, other in allowed.items():
        settings = {"allowedNamespaces": [{"namespace": other}]}
        create_namespace(ctx, name=namespace, variables={}, settings=settings)
    ended, paused = {}, {}
    for namespace in NAMESPACES.values():
        furnish(namespace, ctx)
        save(cast, PAUSES.format(flow_id="pauses", namespace=namespace))
        save(cast, LOGS.format(flow_id="logs", namespace=namespace))
        ended[namespace] = start(cast, namespace, "logs")
        paused[namespace] = start(cast, namespace, "pauses")
    save(cast, LOGS.format(flow_id="logs", namespace=HOME), GLOBEX)
    foreign = start(cast, HOME, "logs", GLOBEX)
    worker = FakeWorker()
    worker.work_off()
    assert {row(each).state for each in ended.values()} == {"SUCCESS"}
    with tenant_scope(ACME):
        for namespace, execution_id in ended.items():
            LogEntry.objects.create(
                execution_id=execution_id, namespace=namespace, flow_id="logs", seq=900, level="INFO", message="m",
                at=row(execution_id).start_date,
            )  # fmt: skip
    keep_token(ctx)
    save(cast, LOGS.format(flow_id="worker", namespace=HOME))
    start(cast, HOME, "worker")
    (job,) = worker.claim()
    pia = make_person("pia@acme.test")
    bind(ACME, pia, "Admin", HOME)
    return JobGround(job, pia, paused, ended, foreign)


def start(cast: Cast, namespace: str, flow_id: str, tenant: str = ACME) -> str:
    owner = cast.olga if tenant == ACME else cast.otto
    return str(owner.client.post(f"/api/v1/{tenant}/executions/{namespace}/{flow_id}").json()["id"])
