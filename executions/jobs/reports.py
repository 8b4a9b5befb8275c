"""What a worker reports of jobs of executions: the events it brings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.clock import parse_iso
from control_plane.kernel.words.errors import NotFound
from executions.engine import events as ev
from executions.engine.sealed import evaluated, seal_evaluated
from executions.jobs.told import as_told
from executions.record import sealed_texts
from executions.record.families import Family
from executions.record.lines import Line, MetricPoint
from executions.record.rests import rest
from executions.record.transitions import Locked, Transition, locked, locked_together
from plugins.contracts import LogLevel, State
from workers.queue import queue
from workers.queue.kinds import Claimant, Folded, JobReports, Leased
from workers.runtime.protocol import End, Item, Result

_LEVELS = frozenset(LogLevel)
_ENDS = frozenset({State.SUCCESS, State.WARNING, State.FAILED, State.KILLED, State.SKIPPED, State.CANCELLED})


def take_reports(told: Sequence[JobReports], claim: Claimant | None) -> Folded:
    """Of one execution, or of several that can change together: others are left to a transaction of their own."""
    if len(told) == 1:
        return _take_one(told[0], claim)
    found = locked_together({each.subject_id: list(each.items) for each in told})
    together = _those_together(found)
    taken_up = [each for each in told if each.subject_id in together]
    left = [each for each in told if each.subject_id not in together]
    if not taken_up:
        return Folded(left=left)
    return _fold(taken_up, together, Pipeline(), None if left else claim, left)


def _take_one(reports: JobReports, claim: Claimant | None) -> Folded:
    pipeline = Pipeline()
    try:
        found = locked(reports.subject_id, job_ids=list(reports.items), pipeline=pipeline)
    except NotFound:
        return queue.reports_of_nobody(reports, claim)
    return _fold([reports], {reports.subject_id: found}, pipeline, claim, [])


def _those_together(found: dict[str, Locked]) -> dict[str, Locked]:
    """Those like the first: turns of one loop, or executions that are nobody's turn. Whoever takes or frees a place of
    a flow waits for others who do, so it holds no second execution meanwhile."""
    free = {key: each for key, each in found.items() if each.transition.flow.flow.concurrency is None}
    loop = next((_loop_of(each.transition) for each in free.values()), None)
    return {key: each for key, each in free.items() if _loop_of(each.transition) == loop}


def _loop_of(transition: Transition) -> str | None:
    record = transition.execution
    return record.parent_id if record.loop_run is not None else None


def _fold(
    told: Sequence[JobReports],
    found: dict[str, Locked],
    pipeline: Pipeline,
    claim: Claimant | None,
    left: Sequence[JobReports],
) -> Folded:
    results = []
    for reports in told:
        subject = found[reports.subject_id]
        jobs = {row[0]: queue.leased_from(row) for row in subject.jobs}
        reader = _Reader(subject.transition, reports, pipeline)
        for job_id, item in reports.items.items():
            results.append(Result(job_id=item.job_id, status=reader.read(jobs.get(job_id), item)))
    family = Family(*(found[reports.subject_id].transition for reports in told))
    written = family.write(pipeline, claim)
    taken = claim.take(written) if claim is not None else ()
    family.settle(written, [job.group_key for job in taken if job.subject_id in family])
    return Folded(results, taken, left)


class _Reader:
    """Turns the reports of one job into events and lines of its execution."""

    def __init__(self, transition: Transition, reports: JobReports, pipeline: Pipeline) -> None:
        self.transition = transition
        self.reports = reports
        self.pipeline = pipeline

    def read(self, job: Leased | None, item: Item) -> Any:
        if (
            job is None
            or job.worker_id != self.reports.worker_id
            or job.attempt != item.attempt
            or job.phase == "queued"
        ):
            return "ok" if self._was_told_before(item) else "gone"
        if job.last_report == self.reports.request_id:
            return "ok" if job.kill_at is None else "killed"
        if job.kind == "evaluate":
            return self._evaluated(job, item)
        return self._ran(job, item)

    def _was_told_before(self, item: Item) -> bool:
        """This very end has been recorded already, from this worker: the answer was lost on its way."""
        if item.end is None:
            return False
        told = (item.attempt, self.reports.worker_id, item.end.state)
        runs = self.transition.ledger.all_task_runs()
        return any(
            (attempt.number, attempt.worker_id, attempt.state.value) == told for run in runs for attempt in run.attempts
        )

    def _evaluated(self, job: Leased, item: Item) -> str:
        if item.values is None and item.end is None:
            return "ok" if job.kill_at is None else "killed"
        error = None
        if item.values is None:
            error = (item.end.error if item.end is not None else None) or "the expressions could not be evaluated"
        values = evaluated(job.key, item.values or {}, item.secrets, sealed_texts.SEALER)
        event = partial(ev.Evaluated, key=job.key, values=values, error=error, secrets=item.secrets)
        self.transition.fold(lambda at, seed: event(at=at, seed=seed))
        seal_evaluated(self.transition.ledger, event(at=self.transition.at, seed=0), sealed_texts.SEALER)
        queue.end(self.pipeline, [job.id])
        return "ok"

    def _ran(self, job: Leased, item: Item) -> str:
        if job.phase != "started" and (item.started or item.end is not None) and not self._start(job, item):
            queue.end(self.pipeline, [job.id])
            return "killed" if job.kill_at is not None else "gone"
        self._children(job, item)
        self._lines(job, item)
        self._metrics(job, item)
        if item.end is None:
            queue.mark_reported(self.pipeline, job.id, self.reports.request_id, is_started=item.started)
            return "ok" if job.kill_at is None else "killed"
        if item.end.rest_seconds is not None and item.end.rest_seconds > 0 and job.kill_at is None:
            left, error = item.end.rest_seconds, item.end.error
            rest(self.transition, self.pipeline, job.part_id, job.attempt, left, error)
        else:
            self._end(job.part_id, job.attempt, item.end)
        queue.end(self.pipeline, [job.id])
        return "ok"

    def _start(self, job: Leased, item: Item) -> bool:
        """One that has already ended began when it was claimed, as far as anybody knows."""
        at = job.claimed_at if item.end is not None and job.claimed_at is not None else self.transition.at
        return self._fold_start(job.part_id, job.attempt, max(at, self._last_change(job.part_id)))

    def _last_change(self, task_run_id: str) -> datetime:
        return self.transition.ledger.task_run(task_run_id).history[-1].date

    def _fold_start(self, task_run_id: str, attempt: int, at: datetime) -> bool:
        refused = self.transition.fold(
            lambda at, seed: ev.JobStarted(
                at=at, seed=seed, task_run_id=task_run_id, attempt=attempt, worker_id=self.reports.worker_id
            ),
            at,
        )
        return refused is None

    def _children(self, job: Leased, item: Item) -> None:
        """Tasks of a WorkingDirectory, told under the lease of its job."""
        for child in item.children:
            if child.end is None:
                self._fold_start(child.task_run_id, child.attempt, self.transition.at)
            else:
                self._end(child.task_run_id, child.attempt, child.end)

    def _end(self, task_run_id: str, attempt: int, end: End) -> None:
        state = _end_state(end.state)
        outputs = sealed_texts.sealed(end.outputs, end.secrets) if end.secrets else end.outputs
        self.transition.fold(
            lambda at, seed: ev.JobEnded(
                at=at,
                seed=seed,
                task_run_id=task_run_id,
                attempt=attempt,
                state=state,
                outputs=outputs,
                **as_told(end),
            )
        )

    def _lines(self, job: Leased, item: Item) -> None:
        self.transition.add_lines(
            Line(
                at=_moment(line.timestamp, self.transition.at),
                level=line.level if line.level in _LEVELS else LogLevel.INFO.value,
                message=line.message,
                task_id=self._task_of(line.task_run_id or job.part_id),
                task_run_id=line.task_run_id or job.part_id,
                attempt=job.attempt,
            )
            for line in item.logs
        )

    def _metrics(self, job: Leased, item: Item) -> None:
        self.transition.add_metrics(
            MetricPoint(
                at=_moment(metric.timestamp, self.transition.at),
                type=metric.type,
                name=metric.name,
                value=metric.value,
                tags=metric.tags,
                task_id=self._task_of(metric.task_run_id or job.part_id),
                task_run_id=metric.task_run_id or job.part_id,
            )
            for metric in item.metrics
        )

    def _task_of(self, task_run_id: str) -> str | None:
        try:
            return self.transition.ledger.task_run(task_run_id).task_id
        except KeyError:
            return None


def _end_state(text: str) -> State:
    """What a worker may say; anything else is a failure of the worker."""
    try:
        state = State(text)
    except ValueError:
        return State.FAILED
    return state if state in _ENDS else State.FAILED


def _moment(text: str, fallback: datetime) -> datetime:
    """A worker's clock, unless it is out of its mind."""
    try:
        moment = parse_iso(text)
    except ValueError:
        return fallback
    return moment if abs((moment - fallback).total_seconds()) < 86_400 else fallback
