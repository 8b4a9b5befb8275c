"""What workers ask of the queue: jobs, and to be heard about the ones they have."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError
from msgspec.structs import replace

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import ControlPlaneError
from workers.queue import tickets
from workers.queue.kinds import Folded, JobHandler, JobReports, Leased, handler_of
from workers.queue.lines import Lines
from workers.queue.queue import Claim
from workers.runtime.protocol import Item, Job, Report, Reported, Result

MOST_TOGETHER = 16
"""Executions that one transaction folds; each waits for the others."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Member:
    """A worker that has shown its group's token."""

    worker_id: str
    group: str
    is_draining: bool = False
    lines: Lines | None = None
    """Those of its group and its queues; None for the group's own alone."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Reports of one tenant's subjects, in the order of their first mention, that one transaction may fold."""

    tenant: str
    handler: JobHandler
    told: Sequence[JobReports]


def claim_jobs(member: Member, request_id: str, most: int) -> list[Job]:
    """The fair-next jobs of the worker's group. Asking again with the same request id brings the same ones."""
    if most < 1 or member.is_draining:
        return []
    tickets.answered(member.group)
    taken = Claim(member.group, member.worker_id, request_id, most, member.lines).run()
    if len(taken) >= most:
        tickets.call_another(member.group)
    return build_jobs(taken)


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
    """Fold what a worker tells, several executions in a transaction, and hand it its next jobs in the last one."""
    most = 0 if member.is_draining else report.want_jobs
    claim = Claim(member.group, member.worker_id, report.request_id, most, member.lines) if most > 0 else None
    batches, unreadable = _batches(member, report)
    results = [Result(job_id=job_id, status="gone") for job_id in unreadable]
    jobs: list[Job] = []
    waiting = deque(batches)
    while waiting:
        batch = waiting.popleft()
        folded, handed = _taken_or_let_go(batch, None if waiting else claim)
        waiting.extendleft(reversed([_Batch(batch.tenant, batch.handler, [each]) for each in folded.left]))
        results += folded.results
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
    told = list(subjects.values())
    early, last = told[:-MOST_TOGETHER], told[-MOST_TOGETHER:]
    count = min(most, -(-len(early) // MOST_TOGETHER))
    parts = [[item for items in early[place::count] for item in items] for place in range(count)]
    return (
        [replace(report, items=items, want_jobs=0) for items in parts],
        replace(report, items=[item for items in last for item in items]),
    )


def _taken_or_let_go(batch: _Batch, claim: Claim | None) -> tuple[Folded, list[Job]]:
    """Reports that cannot be folded would fail each time they are sent, with everything else the worker has to report
    behind them. So the worker lets these jobs go, and their leases end as lost. Of several that cannot, each is tried
    by itself."""
    try:
        return _take_batch(batch, claim)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        if len(batch.told) > 1:
            return Folded(left=batch.told), []
        if isinstance(error, ControlPlaneError):
            raise
        (reports,) = batch.told
        logger.exception("the news of %s cannot be folded", reports.subject_id)
        let_go = [Result(job_id=item.job_id, status="gone") for item in reports.items.values()]
        return Folded(let_go), build_jobs(claim.run()) if claim is not None else []


def _take_batch(batch: _Batch, claim: Claim | None) -> tuple[Folded, list[Job]]:
    """Jobs of the same tenant are built where they were claimed; others after the commit, in their own scope."""
    tenant = batch.tenant
    with tenant_scope(tenant):
        folded = batch.handler.take_reports(batch.told, claim)
        built = _build_in_scope([job for job in folded.taken if job.tenant_id == tenant])
    built |= {job.id: job for job in build_jobs([job for job in folded.taken if job.tenant_id != tenant])}
    return folded, [built[job.address] for job in folded.taken if job.address in built]


def _batches(member: Member, report: Report) -> tuple[list[_Batch], list[str]]:
    """What is to be folded, and the addresses that are none."""
    told: dict[tuple[str, str], JobReports] = {}
    handlers: dict[tuple[str, str], JobHandler] = {}
    unreadable: list[str] = []
    for item in report.items:
        parts = item.job_id.split(".")
        if len(parts) != 3:
            unreadable.append(item.job_id)
            continue
        tenant, subject_id, row_id = parts
        known = told.setdefault((tenant, subject_id), JobReports(subject_id, member.worker_id, report.request_id, {}))
        known.items[row_id] = item
        # All kinds of one subject mean the same to whoever registered them.
        handlers.setdefault((tenant, subject_id), handler_of(item.kind))
    alike: dict[tuple[str, JobHandler], list[JobReports]] = {}
    for key, reports in told.items():
        alike.setdefault((key[0], handlers[key]), []).append(reports)
    return [
        _Batch(tenant, handler, each[place : place + MOST_TOGETHER])
        for (tenant, handler), each in alike.items()
        for place in range(0, len(each), MOST_TOGETHER)
    ], unreadable
