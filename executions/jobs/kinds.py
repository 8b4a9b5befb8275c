"""What jobs of executions mean: the task and its variables when one is claimed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from control_plane.kernel.pipeline import Pipeline, Row
from control_plane.kernel.scope import after_commit, tenant_scope
from control_plane.kernel.words.errors import BadParameter, ControlPlaneError, NotFound
from executions.engine import events as ev
from executions.engine.compiled import Kind
from executions.engine.control import Needs, needs_of
from executions.engine.jobs import job_child_id
from executions.engine.records import TaskRun
from executions.engine.rendering import merged
from executions.engine.scope import build_scope, follow
from executions.engine.sealed import opened_scope
from executions.jobs.acts import call
from executions.jobs.places import place_of
from executions.jobs.reports import take_reports
from executions.jobs.unserved import end_unserved
from executions.jobs.values import values_at
from executions.queries.kinship import may_read
from executions.record import sealed_texts, sql
from executions.record.families import Family
from executions.record.flow_source import RunningFlow, running_flow
from executions.record.ledger import DbLedger
from executions.record.rows import execution_from
from executions.record.secret_inputs import opened
from executions.record.transitions import Transition, locked
from plugins.contracts import State
from workers.queue import queue
from workers.queue.kinds import Claimant, Folded, JobReports, Leased, Place
from workers.runtime.protocol import Child, End, Found, Item, Job
from workers.worker_api.tokens import job_token

logger = logging.getLogger(__name__)


class ExecutionJobs:
    """Attempts of task runs, and control expressions that only a worker may evaluate."""

    def build(self, jobs: Sequence[Leased]) -> list[Job]:
        pipeline = Pipeline()
        asked = [_ask(pipeline, job.subject_id, job.part_id) for job in jobs]
        results = pipeline.run()
        built = []
        for job, places in zip(jobs, asked, strict=True):
            try:
                built.append(_build(job, *_found(results, places)))
            except Exception as error:
                _give_up_later(job, error)
        return built

    def take_reports(self, told: Sequence[JobReports], claim: Claimant | None) -> Folded:
        return take_reports(told, claim)

    def lost(self, subject_id: str, job_id: str, drained_by: str | None = None) -> None:
        pipeline = Pipeline()
        try:
            found = locked(subject_id, job_ids=[job_id])
        except NotFound:
            queue.end_of_nobody(pipeline, subject_id, [job_id], drained_by)
            pipeline.run()
            return
        if not found.jobs:
            return
        job = queue.leased_from(found.jobs[0])
        if not job.is_lost(drained_by):
            return
        _lose(found.transition, job, pipeline, is_drained=drained_by is not None)
        Family(found.transition).finish(pipeline)

    def unserved(self, subject_id: str, job_id: str, *, cancels: bool, reason: str) -> None:
        end_unserved(subject_id, job_id, cancels=cancels, reason=reason)

    def resolve(self, subject_id: str, part_id: str, names: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
        pipeline = Pipeline()
        places = _ask(pipeline, subject_id, part_id)
        ledger, running = _found(pipeline.run(), places)
        run = ledger.task_run(part_id) if part_id else None
        scope, secrets = _opened_scope(ledger, running, run, Needs(paths=frozenset(names)))
        return values_at(scope, names), secrets

    def place(self, subject_id: str, part_id: str) -> Place:
        return place_of(subject_id, part_id)

    def may_read(self, place: Place, key: str) -> bool:
        return may_read(place.execution_id, key)

    def call(self, place: Place, service: str, method: str, arguments: Mapping[str, Any]) -> Any:
        return call(place, service, method, arguments)

    def take_found(self, subject_id: str, job_id: str, found: Found) -> None:
        raise BadParameter("only a trigger finds what starts executions")


Places = tuple[int, int]
"""Of an execution and of its task runs among the results of a pipeline."""


def _ask(pipeline: Pipeline, execution_id: str, part_id: str) -> Places:
    execution = pipeline.add(sql.READ_EXECUTION, [execution_id])
    return execution, pipeline.add(sql.TASK_RUNS, [[part_id] if part_id else [], [], execution_id])


def _found(results: Sequence[Sequence[Row]], places: Places) -> tuple[DbLedger, RunningFlow]:
    execution, runs = (results[place] for place in places)
    if not execution:
        raise NotFound("The execution of this job was not found")
    kept = execution_from(execution[0])
    ledger = DbLedger(kept)
    ledger.admit_with_ancestors(runs)
    return ledger, running_flow(kept)


def _build(leased: Leased, ledger: DbLedger, running: RunningFlow) -> Job:
    run = ledger.task_run(leased.part_id) if leased.part_id else None
    execution = ledger.execution
    job = Job(
        id=leased.address,
        kind="evaluate" if leased.kind == "evaluate" else "run",
        tenant=leased.tenant_id,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        execution_id=execution.id,
        task_run_id=leased.part_id,
        attempt=leased.attempt,
        lease_until=leased.seconds_left or 0.0,
        token=job_token(leased),
        timeout_seconds=leased.payload.get("timeout"),
    )
    if leased.kind == "evaluate":
        return _with_expressions(job, leased, ledger, running, run)
    assert run is not None
    return _with_task(job, ledger, running, run)


def _with_expressions(job: Job, leased: Leased, ledger: DbLedger, running: RunningFlow, run: TaskRun | None) -> Job:
    expressions = leased.payload["expressions"]
    needs = follow(running.compiled, needs_of(expressions))
    job.evaluations = expressions
    scope = _scope(job, ledger, running, run, needs)
    job.scope = merged(scope, leased.payload.get("extra") or {})
    return job


def _with_task(job: Job, ledger: DbLedger, running: RunningFlow, run: TaskRun) -> Job:
    node = running.compiled.nodes[run.task_id]
    job.task = running.document(run.task_id)
    job.may_rest = True
    job.scope = _scope(job, ledger, running, run, running.needs(run.task_id))
    job.log_level = node.task.log_level.value if node.task.log_level is not None else None
    if node.kind is Kind.DIRECTORY:
        names = node.branches.get("tasks", ())
        job.children = [_child(job, ledger, running, run, name, place) for place, name in enumerate(names)]
    return job


def _scope(job: Job, ledger: DbLedger, running: RunningFlow, run: TaskRun | None, needs: Needs) -> dict[str, Any]:
    """The variables of a job; what of them is secret is opened, and masked in whatever the job prints."""
    scope, secrets = _opened_scope(ledger, running, run, needs)
    if secrets:
        job.secrets = [*job.secrets, *secrets]
    return scope


def _opened_scope(
    ledger: DbLedger, running: RunningFlow, run: TaskRun | None, needs: Needs
) -> tuple[dict[str, Any], list[str]]:
    scope, secrets = opened_scope(build_scope(running.compiled, ledger, run, needs), sealed_texts.SEALER)
    if running.compiled.closed_inputs:
        scope, found = opened(scope, running.compiled, ledger.execution, needs)
        secrets += found
    return scope, secrets


def _child(job: Job, ledger: DbLedger, running: RunningFlow, directory: TaskRun, task_id: str, position: int) -> Child:
    """One task of a WorkingDirectory: its task run appears when its turn comes, under an id that is known before."""
    run = TaskRun(
        id=job_child_id(directory.id, len(directory.attempts) + 1, position),
        task_id=task_id,
        seq=0,
        state=State.CREATED,
        history=list(directory.history),
        parent_id=directory.id,
        position=position,
    )
    needs = running.needs(task_id)
    scope = _scope(job, ledger, running, run, needs)
    named = needs.below("outputs") if needs.wants("outputs") else frozenset()
    if named is None or task_id in named:
        scope["outputs"] = {**scope.get("outputs", {}), task_id: {}}  # as of any task that runs
    return Child(task_run_id=run.id, task=running.document(task_id), scope=scope)


def _give_up_later(job: Leased, error: Exception) -> None:
    """What cannot be built fails with its reason, in a transaction of its own."""
    if isinstance(error, ControlPlaneError):
        reason = str(error)
    else:
        logger.error("job %s cannot be built", job.id, exc_info=error)
        reason = "the task could not be prepared"
    after_commit(lambda: give_up(job, reason))


def give_up(job: Leased, reason: str) -> None:
    """End a job as if its worker had reported this failure."""
    item = Item(job_id=job.address, attempt=job.attempt, started=True, end=End(state="FAILED", error=reason))
    reports = JobReports(job.subject_id, job.worker_id, f"give-up:{job.id}", {job.id: item})
    with tenant_scope(job.tenant_id):
        take_reports([reports], None)


def _lose(transition: Transition, job: Leased, pipeline: Pipeline, *, is_drained: bool) -> None:
    """A silent worker may have begun what it had in hand, so that attempt is spent in either case."""
    queue.end(pipeline, [job.id])
    if job.kind == "evaluate":
        again = queue.NewJob(
            kind=job.kind,
            subject_id=job.subject_id,
            due_at=transition.at,
            part_id=job.part_id,
            key=job.key,
            group=job.group_key,
            payload=job.payload,
        )
        queue.order(pipeline, job.tenant_id, [again])
        return
    if job.phase == "leased":
        transition.fold(
            lambda at, seed: ev.JobStarted(
                at=at, seed=seed, task_run_id=job.part_id, attempt=job.attempt, worker_id=job.worker_id
            )
        )
    transition.fold(
        lambda at, seed: ev.JobLost(
            at=at, seed=seed, task_run_id=job.part_id, attempt=job.attempt, is_drained=is_drained
        )
    )
