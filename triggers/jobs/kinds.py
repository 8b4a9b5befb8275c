"""What jobs of triggers mean: the trigger and its variables when one is claimed, executions of what its look brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import BadParameter, NotFound
from control_plane.kernel.words.ids import new_id
from executions.jobs.acts import call
from executions.jobs.values import values_at
from stores.kv.services import put_pair
from stores.kv.values import TypedValue
from triggers.firing.facts import scope_of
from triggers.jobs.building import build
from triggers.jobs.places import place_of
from triggers.jobs.reading import read
from triggers.looking.evaluations import Find, begin, conclude_unread, watched
from triggers.looking.losses import lose
from triggers.looking.rows import is_under_way, locked, locked_jobs
from triggers.models import Trigger
from workers.models import Job as JobRow
from workers.queue import queue
from workers.queue.kinds import Claimant, Folded, JobReports, Leased, Place
from workers.runtime.protocol import Found, Job, Kept, Result
from workers.worker_api.job_access import LeaseOver


class TriggerJobs:
    """One look of a worker at a trigger, or all the time for which it listens."""

    def build(self, jobs: Sequence[Leased]) -> list[Job]:
        return [built for job in jobs if (built := build(job)) is not None]

    def take_reports(self, told: Sequence[JobReports], claim: Claimant | None) -> Folded:
        if len(told) > 1:
            return Folded(left=told)
        (reports,) = told
        row = locked(reports.subject_id)
        if row is None:
            return queue.reports_of_nobody(reports, claim)
        jobs = locked_jobs(row.pk, list(reports.items))
        pipeline = Pipeline()
        results = [
            Result(job_id=item.job_id, status=read(row, jobs.get(job_id), item, reports, pipeline))
            for job_id, item in reports.items.items()
        ]
        if claim is not None:
            claim.add(pipeline)
        written = pipeline.run()
        return Folded(results, claim.take(written) if claim is not None else ())

    def lost(self, subject_id: str, job_id: str, drained_by: str | None = None) -> None:
        row = locked(subject_id)
        if row is None:
            pipeline = Pipeline()
            queue.end_of_nobody(pipeline, subject_id, [job_id], drained_by)
            pipeline.run()
            return
        for job in locked_jobs(subject_id, [job_id]).values():
            if job.is_lost(drained_by):
                lose(row, job, now(), is_drained=drained_by is not None)

    def unserved(self, subject_id: str, job_id: str, *, cancels: bool, reason: str) -> None:
        row = locked(subject_id)
        for job in locked_jobs(subject_id, [job_id]).values():
            if job.phase == "queued":
                JobRow.objects.filter(pk=job.id).delete()
                if row is not None and is_under_way(row, job):
                    conclude_unread(row, now(), reason)

    def resolve(self, subject_id: str, part_id: str, names: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
        return values_at(scope_of(watched(_existing(subject_id)).running.compiled), names), []

    def place(self, subject_id: str, part_id: str) -> Place:
        return place_of(_existing(subject_id))

    def may_read(self, place: Place, key: str) -> bool:
        return False

    def call(self, place: Place, service: str, method: str, arguments: Mapping[str, Any]) -> Any:
        return call(place, service, method, arguments)

    def take_found(self, subject_id: str, job_id: str, found: Found) -> None:
        row = locked(subject_id)
        job = locked_jobs(subject_id, [job_id]).get(job_id)
        if row is None or job is None or not is_under_way(row, job) or (job.seconds_left or 0) <= 0:
            raise LeaseOver
        taken = int(job.payload.get("taken", 0))
        fresh = found.found[max(0, taken - found.first) :]
        if found.first > taken:
            raise BadParameter("what was found before this was never told")
        if job.kind == "trigger" and taken + len(fresh) > 1:
            raise BadParameter("one look starts one execution")
        if fresh:
            JobRow.objects.filter(pk=job.id).update(payload={**job.payload, "taken": taken + len(fresh)})
            if found.kept is not None:
                _keep(row, found.kept)
            ids = [job.key] if job.kind == "trigger" else [new_id() for _ in fresh]
            finds = [Find(name, each, found.secrets) for name, each in zip(ids, fresh, strict=True)]
            begin(watched(row), finds, now())


def _keep(row: Trigger, kept: Kept) -> None:
    put_pair(
        place_of(row).ctx,
        namespace=row.namespace,
        key=kept.key,
        value=TypedValue("JSON", kept.value),
        ttl=timedelta(seconds=kept.ttl) if kept.ttl is not None else None,
    )


def _existing(trigger_id: str) -> Trigger:
    row = Trigger.objects.filter(pk=trigger_id).first()
    if row is None or row.evaluation_id is None:
        raise NotFound("The trigger was not found")
    return row
