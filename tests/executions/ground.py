"""What tests of executions stand on: a flow that is stored, and a worker that is only words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.ids import new_id
from executions.engine.records import Execution
from executions.models import Execution as ExecutionRow
from executions.models import LogEntry, TaskRun
from executions.services.starting import start_execution
from flows.services.saving import create_flow
from tests.cast import ACME, Cast
from workers.queue.leases import Member, claim_jobs, take_report
from workers.runtime.protocol import End, Item, Job, LogLine, Register, Report, Reported
from workers.services.tokens import mint_group_token
from workers.worker_api import fleet


def log_flow(flow_id: str = "hello", tasks: int = 1) -> str:
    lines = [f"id: {flow_id}", "namespace: prod.data", "tasks:"]
    for number in range(tasks):
        lines += [f"  - id: log{number}", "    type: io.kestra.plugin.core.log.Log", f"    message: line {number}"]
    return "\n".join(lines)


def save(people: Cast, source: str, tenant: str = ACME) -> Any:
    owner = people.olga if tenant == ACME else people.otto
    return create_flow(owner.context(tenant), source=source)


def start(people: Cast, flow_id: str = "hello", tenant: str = ACME, **given: Any) -> Execution:
    owner = people.olga if tenant == ACME else people.otto
    return start_execution(owner.context(tenant), namespace="prod.data", flow_id=flow_id, **given)


@dataclass
class FakeWorker:
    """Claims and reports as a worker does, without running anything."""

    token: str = field(default_factory=lambda: mint_group_token("default", new_id()))
    member: Member = field(init=False)

    def __post_init__(self) -> None:
        body = Register(request_id=new_id(), name="fake", host="here", pid=1, version="0", slots=4)
        answer = fleet.register_worker(self.token, body)
        self.member = fleet.member_of(self.token, answer.worker_id)

    def claim(self, most: int = 1, request_id: str | None = None) -> list[Job]:
        return claim_jobs(self.member, request_id or new_id(), most)

    def report(self, *items: Item, want: int = 0, request_id: str | None = None) -> Reported:
        report = Report(
            request_id=request_id or new_id(), worker_id=self.member.worker_id, items=list(items), want_jobs=want
        )
        return take_report(self.member, report)

    def succeed(self, job: Job, *lines: str, want: int = 0, **outputs: Any) -> Reported:
        return self.report(ended(job, *lines, **outputs), want=want)

    def work_off(self, end: Callable[[Job], Item] | None = None) -> int:
        """Run everything that can be had; how many jobs that were."""
        done = 0
        jobs = self.claim(8)
        while jobs:
            done += len(jobs)
            answer = self.report(*((end or ended)(job) for job in jobs), want=8)
            jobs = answer.jobs
        return done


def ended(job: Job, *lines: str, state: str = "SUCCESS", error: str | None = None, **outputs: Any) -> Item:
    logs = [
        LogLine(timestamp="2026-01-01T00:00:00Z", level="INFO", message=line, n=number)
        for number, line in enumerate(lines)
    ]
    if job.kind == "evaluate":
        return Item(job_id=job.id, attempt=job.attempt, started=True, values=outputs)
    return Item(
        job_id=job.id,
        attempt=job.attempt,
        started=True,
        logs=logs,
        end=End(state=state, outputs=outputs, error=error),
    )


def row(execution_id: str, tenant: str = ACME) -> ExecutionRow:
    with tenant_scope(tenant):
        return ExecutionRow.objects.get(id=execution_id)


def task_runs(execution_id: str, tenant: str = ACME) -> list[TaskRun]:
    with tenant_scope(tenant):
        return list(TaskRun.objects.filter(execution_id=execution_id).order_by("seq"))


def lines_of(execution_id: str, tenant: str = ACME) -> list[tuple[int, str]]:
    with tenant_scope(tenant):
        return list(LogEntry.objects.filter(execution_id=execution_id).order_by("seq").values_list("seq", "message"))
