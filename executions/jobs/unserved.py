"""The end of a job that nobody is there for, and that is not to wait."""

from __future__ import annotations

from functools import partial

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.errors import NotFound
from executions.engine import events as ev
from executions.record.families import Family
from executions.record.lines import Line
from executions.record.transitions import Transition, locked
from plugins.contracts import LogLevel, State
from workers.queue import queue
from workers.queue.kinds import Leased


def end_unserved(subject_id: str, job_id: str, *, cancels: bool, reason: str) -> None:
    """Fail the job, or kill its execution without an error. Somebody who has taken it meanwhile keeps it."""
    try:
        found = locked(subject_id, job_ids=[job_id])
    except NotFound:
        return
    job = queue.leased_from(found.jobs[0]) if found.jobs else None
    if job is None or job.phase != "queued":
        return
    pipeline = Pipeline()
    if cancels:
        found.transition.add_lines([Line(found.transition.at, LogLevel.WARN.value, reason)])
        found.transition.fold(lambda at, seed: ev.KillRequested(at=at, seed=seed))
    else:
        queue.end(pipeline, [job.id])
        _fail(found.transition, job, reason)
    Family(found.transition).finish(pipeline)


def _fail(transition: Transition, job: Leased, reason: str) -> None:
    """No retry: it would find nobody either."""
    if job.kind == "evaluate":
        transition.fold(lambda at, seed: ev.Evaluated(at=at, seed=seed, key=job.key, error=reason))
        return
    run, attempt = job.part_id, job.attempt
    transition.fold(lambda at, seed: ev.JobStarted(at=at, seed=seed, task_run_id=run, attempt=attempt, worker_id=""))
    failed = partial(ev.JobEnded, task_run_id=run, attempt=attempt, state=State.FAILED)
    transition.fold(lambda at, seed: failed(at=at, seed=seed, error=reason, is_retryable=False))
