"""What workers ask of the queue: jobs, and to be heard about the ones they have."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError
from msgspec.structs import replace

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import ControlPlaneError
from workers.queue.kinds import JobReports, Leased, handler_of
from workers.queue.lines import Lines
from workers.queue.queue import Claim
from workers.runtime.protocol import Item, Job, Report, Reported, Result

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Member:
    """A worker that has shown its group's token."""

    worker_id: str
    group: str
    is_draining: bool = False
    lines: Lines | None = None
    """Those of its group and its queues; None for the group's own alone."""


@dataclass(slots=True)
class _Batch:
    """The reports of one subject."""

    tenant: str
    subject_id: str
    kind: str
    """Of its first job: all kinds of one subject mean the same to whoever registered them."""
    items: dict[str, Item] = field(default_factory=dict)


def claim_jobs(member: Member, request_id: str, most: int) -> list[Job]:
    """The fair-next jobs of the worker's group. Asking again with the same request id brings the same ones."""
    if most < 1 or member.is_draining:
        return []
    return build_jobs(Claim(member.group, member.worker_id, request_id, most, member.lines).run())


def build_jobs(taken: Sequence[Leased]) -> list[Job]:
    """Each in its own tenant's scope, in the order they were taken."""
    built: dict[str, Job] = {}
    for tenant in dict.fromkeys(job.tenant_id for job in taken):
        with tenant_scope(tenant):
            built |= _build_in_scope([job for job in taken if job.tenant_id == tenant])
    return [built[job.address] for job in taken if job.address in built]


def _build_in_scope(jobs: Sequence[Leased]) -> dict[str, Job]:
    kinds = dict.fromkeys(job.kind for job in jobs)
    built = [each for kind in kinds for each in handler_of(kind).build([job for job in jobs if job.kind == kind])]
    return {job.id: job for job in built}


def take_report(member: Member, report: Report) -> Reported:
    """Fold what a worker tells, one transaction for each execution, and hand it its next jobs in the last of them."""
    most = 0 if member.is_draining else report.want_jobs
    claim = Claim(member.group, member.worker_id, report.request_id, most, member.lines) if most > 0 else None
    batches, unreadable = _sorted_by_subject(report.items)
    results = [Result(job_id=job_id, status="gone") for job_id in unreadable]
    jobs: list[Job] = []
    for batch in batches:
        is_last = batch is batches[-1]
        reports = JobReports(batch.subject_id, member.worker_id, report.request_id, batch.items)
        told, handed = _taken_or_let_go(batch, reports, claim if is_last else None)
        results += told
        jobs += handed
    if claim is not None and not batches:
        jobs = build_jobs(claim.run())
    return Reported(results=results, jobs=jobs)


def parts_of(report: Report, most: int) -> tuple[list[Report], Report]:
    """Reports that say together what this one says: some that may be folded at the same time, as they touch different
    executions, and then a last one, which asks for jobs when whatever the others bring is in the queue."""
    subjects: dict[str, list[Item]] = {}
    for item in report.items:
        subjects.setdefault(item.job_id.rpartition(".")[0], []).append(item)
    *early, last = list(subjects.values()) or [[]]
    parts = [[item for items in early[place::most] for item in items] for place in range(min(most, len(early)))]
    return [replace(report, items=items, want_jobs=0) for items in parts], replace(report, items=last)


def _taken_or_let_go(batch: _Batch, reports: JobReports, claim: Claim | None) -> tuple[list[Result], list[Job]]:
    """Reports that cannot be folded would fail each time they are sent, with everything else the worker has to report
    behind them. So the worker lets these jobs go, and their leases end as lost."""
    try:
        return _take_batch(batch, reports, claim)
    except (ControlPlaneError, OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("the news of %s cannot be folded", batch.subject_id)
        let_go = [Result(job_id=item.job_id, status="gone") for item in batch.items.values()]
        return let_go, build_jobs(claim.run()) if claim is not None else []


def _take_batch(batch: _Batch, reports: JobReports, claim: Claim | None) -> tuple[list[Result], list[Job]]:
    """Jobs of the same tenant are built where they were claimed; others after the commit, in their own scope."""
    tenant = batch.tenant
    with tenant_scope(tenant):
        results, taken = handler_of(batch.kind).take_reports(reports, claim)
        built = _build_in_scope([job for job in taken if job.tenant_id == tenant])
    built |= {job.id: job for job in build_jobs([job for job in taken if job.tenant_id != tenant])}
    return results, [built[job.address] for job in taken if job.address in built]


def _sorted_by_subject(items: Iterable[Item]) -> tuple[list[_Batch], list[str]]:
    """In order of first mention; and the addresses that are none."""
    batches: dict[tuple[str, str], _Batch] = {}
    unreadable: list[str] = []
    for item in items:
        parts = item.job_id.split(".")
        if len(parts) != 3:
            unreadable.append(item.job_id)
            continue
        tenant, subject_id, row_id = parts
        batch = batches.setdefault((tenant, subject_id), _Batch(tenant, subject_id, item.kind))
        batch.items[row_id] = item
    return list(batches.values()), unreadable
