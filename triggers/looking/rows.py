"""A trigger and the job of its look, locked in one order everywhere: the trigger first."""

from __future__ import annotations

from collections.abc import Sequence

from control_plane.kernel.pipeline import Pipeline
from triggers.models import Trigger
from workers.queue import queue
from workers.queue.kinds import Leased

KINDS = ("trigger", "listen")
"""Of jobs: a look, and what listens until it is stopped."""


def locked(trigger_id: str) -> Trigger | None:
    return Trigger.objects.select_for_update().filter(pk=trigger_id).first()


def locked_jobs(trigger_id: str, job_ids: Sequence[str]) -> dict[str, Leased]:
    """Those of a trigger that are not over."""
    pipeline = Pipeline()
    place = queue.lock(pipeline, trigger_id, job_ids)
    return {row[0]: queue.leased_from(row) for row in pipeline.run()[place]}


def is_under_way(row: Trigger, job: Leased) -> bool:
    """Whether anybody waits for what this job brings."""
    return row.evaluation_id == job.key and not row.is_off and not row.is_disabled and job.kill_at is None
