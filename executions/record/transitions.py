"""The only writer of execution state: one event, or a few, folded into one execution in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from control_plane.kernel.crashpoints import crashpoint
from control_plane.kernel.pipeline import Pipeline, Row
from control_plane.kernel.scope import after_commit, current_tenant, tenant_scope
from control_plane.kernel.words.errors import NotFound
from control_plane.kernel.words.ids import new_id
from executions.engine import events as ev
from executions.engine.compiled import CompiledFlow
from executions.engine.decisions import Decisions, LogLine
from executions.engine.fold import fold
from executions.engine.records import Execution, TaskRun
from executions.record import outbox, rows, sql
from executions.record.announcing import Announcement
from executions.record.files import forget_files
from executions.record.flow_source import RunningFlow, running_revision
from executions.record.ledger import DbLedger
from executions.record.lines import Line, MetricPoint, insert_lines, insert_metrics
from executions.record.rows import Kept, dumps, dumps_or_none, end_date
from executions.record.slots import free_slot
from workers.queue import orders, queue, tickets
from workers.queue.kinds import Claimant
from workers.queue.queue import NewJob

MakeEvent = Callable[[datetime, int], ev.Event]


@dataclass(slots=True)
class Outcome:
    """What became of an event. `refused` says why nothing changed."""

    execution: Execution
    refused: str | None = None


@dataclass(slots=True)
class _Pending:
    """Everything folded so far and not yet written."""

    is_wide: bool = False
    created: dict[str, TaskRun] = field(default_factory=dict)
    changed: dict[str, TaskRun] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    jobs: list[NewJob] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    has_ended: bool = False
    decisions: list[Decisions] = field(default_factory=list)


class Transition:
    """One execution, locked: fold events into it, add lines to it, then write it once.

    Made by `locked` or `beginning`, inside the tenant's scope. Nothing is in the database before `write`.
    """

    def __init__(self, kept: Kept, running: RunningFlow, at: datetime, *, is_new: bool = False) -> None:
        self.kept = kept
        self.running = running
        self.flow = running.compiled
        self.at = at
        self.is_new = is_new
        self.ledger = DbLedger(kept)
        self.tenant = kept.record.tenant
        self._pending = _Pending()
        self._lines: list[Line] = []
        self._metrics: list[MetricPoint] = []
        self._kills = -1
        self._due: list[outbox.OutboxRow] = []

    @property
    def execution(self) -> Execution:
        return self.kept.record

    def fold(self, make: MakeEvent, at: datetime | None = None) -> str | None:
        """Feed one event; why it was refused, if it was."""
        event = make(at or self.at, secrets.randbits(63))
        decisions = fold(self.flow, self.ledger, event)
        if decisions.refused is None:
            self._take_in(decisions)
        return decisions.refused

    def add_lines(self, lines: Iterable[Line]) -> None:
        self._lines += lines

    def add_metrics(self, points: Iterable[MetricPoint]) -> None:
        self._metrics += points

    @property
    def has_changed(self) -> bool:
        pending = self._pending
        return self.is_new or pending.is_wide or bool(pending.created or pending.changed or pending.deleted)

    def write(self, pipeline: Pipeline, claim: Claimant | None = None) -> list[list[Row]]:
        """Send everything, after what the caller has put into the trip and before the claim of a worker."""
        self._write_execution(pipeline)
        self._write_task_runs(pipeline)
        self._write_jobs(pipeline)
        self._write_effects(pipeline)
        insert_lines(pipeline, self.kept, self._lines)
        insert_metrics(pipeline, self.kept, self._metrics)
        if claim is not None:
            claim.add(pipeline)
        return pipeline.run()

    def take_over(self, task_runs: Sequence[TaskRun]) -> None:
        """Task runs that a new execution brings along from the one it repeats."""
        self._pending.created |= {run.id: run for run in task_runs}
        self.ledger.remember(task_runs, ())

    def drop_labels(self, but: set[str]) -> None:
        """Take off what people have put on, but for these."""
        labels = self.execution.labels
        for name in [name for name in labels if name not in but and not name.startswith("system.")]:
            del labels[name]

    def finish(self) -> None:
        """Write, and settle what follows: the whole end of a transition that claims nothing."""
        self.settle(self.write(Pipeline()))

    def remove(self, *, with_logs: bool, with_metrics: bool, with_files: bool) -> None:
        """Delete the execution. Its jobs go, and with them the right of any worker to report."""
        pipeline = Pipeline()
        kills = queue.withdraw_all(pipeline, self.execution.id)
        for statement in sql.DELETE_EXECUTION:
            pipeline.add(statement, [self.execution.id])
        if with_logs:
            pipeline.add(sql.DELETE_LOGS, [self.execution.id])
        if with_metrics:
            pipeline.add(sql.DELETE_METRICS, [self.execution.id])
        freed = free_slot(self.kept, self.at) if self.flow.flow.concurrency is not None else []
        outbox.insert(pipeline, self.tenant, freed)
        killed = list(pipeline.run()[kills])
        tenant, removed = self.tenant, self.execution
        after_commit(lambda: orders.send_kills(killed))
        after_commit(lambda: outbox.fold_now(tenant, [event.id for event in freed]))
        if with_files:
            after_commit(lambda: forget_files(removed))

    def settle(self, results: Sequence[Sequence[Row]], taken: Iterable[str] = ()) -> None:
        """After `write`: see to what follows the commit. `taken` are groups whose new job was just claimed."""
        if self._kills >= 0 and results[self._kills]:
            kills = list(results[self._kills])
            after_commit(lambda: orders.send_kills(kills))
        groups = [job.group_key for job in self._pending.jobs]
        for group in taken:
            if group in groups:
                groups.remove(group)
        events = [each.id for each in self._due if each.due_at <= self.at]
        tenant, announcement = self.tenant, self._announcement()
        after_commit(lambda: _follow(tenant, groups, events, announcement))

    def _take_in(self, decisions: Decisions) -> None:
        pending = self._pending
        pending.is_wide |= decisions.execution_changed
        pending.created |= {run.id: run for run in decisions.created}
        pending.changed |= {run.id: run for run in decisions.changed if run.id not in pending.created}
        for task_run_id in decisions.deleted:
            if pending.created.pop(task_run_id, None) is None:
                pending.changed.pop(task_run_id, None)
                pending.deleted.append(task_run_id)
        pending.jobs += [_job(self.execution.id, self.flow, order) for order in decisions.jobs]
        pending.jobs += [_evaluation(self.execution.id, order) for order in decisions.evaluations]
        pending.stopped += decisions.kill_jobs
        pending.has_ended |= decisions.has_ended
        pending.decisions.append(decisions)
        self.ledger.remember(decisions.created, decisions.deleted)
        self._lines += [self._line(line) for line in decisions.logs]

    def _line(self, line: LogLine) -> Line:
        run = self.ledger.task_run(line.task_run_id) if line.task_run_id is not None else None
        task_id = run.task_id if run is not None else None
        return Line(self.at, line.level.value, line.message, task_id, line.task_run_id, line.attempt)

    def _write_execution(self, pipeline: Pipeline) -> None:
        kept = self.kept
        first = kept.log_seq + 1
        kept.log_seq += len(self._lines)
        for number, line in enumerate(self._lines, first):
            line.seq = number
        if self.is_new:
            pipeline.add(sql.INSERT_EXECUTION, rows.execution_values(kept, self.at))
            return
        kept.version += self.has_changed
        record = kept.record
        if self._pending.is_wide:
            pipeline.add(
                sql.UPDATE_EXECUTION,
                [
                    record.state.value,
                    dumps(record.history),
                    dumps(record.labels),
                    dumps_or_none(record.outputs),
                    dumps(record.breakpoints),
                    record.task_run_count,
                    dumps(record.frame),
                    end_date(record),
                    self.at,
                    kept.version,
                    kept.log_seq,
                    record.id,
                ],
            )
        elif self.has_changed or self._lines:
            pipeline.add(sql.TOUCH_EXECUTION, [self.at, kept.version, kept.log_seq, record.id])

    def _write_task_runs(self, pipeline: Pipeline) -> None:
        pending = self._pending
        if pending.created:
            values: list[Any] = []
            for run in pending.created.values():
                values += rows.task_run_values(self.execution, run, self.ledger.path(run))
            pipeline.add(sql.rows(sql.INSERT_TASK_RUNS, sql.TASK_RUN_ROW, len(pending.created)), values)
        for run in pending.changed.values():
            pipeline.add(
                sql.UPDATE_TASK_RUN,
                [
                    run.state.value,
                    dumps(run.history),
                    dumps(run.attempts),
                    dumps_or_none(run.outputs),
                    dumps_or_none(run.frame),
                    run.iteration,
                    run.waits_for,
                    dumps_or_none(run.items),
                    run.id,
                ],
            )
        if pending.deleted:
            pipeline.add(sql.DELETE_TASK_RUNS, [self.execution.id, pending.deleted])

    def _write_jobs(self, pipeline: Pipeline) -> None:
        if self._pending.stopped:
            self._kills = queue.withdraw(pipeline, self.execution.id, self._pending.stopped)
        stopped = set(self._pending.stopped)
        self._pending.jobs = [job for job in self._pending.jobs if job.part_id not in stopped]
        queue.order(pipeline, self.tenant, self._pending.jobs)

    def _write_effects(self, pipeline: Pipeline) -> None:
        execution_id = self.execution.id
        for decisions in self._pending.decisions:
            for timer in decisions.timers:
                pipeline.add(sql.SET_TIMER, [new_id(), self.tenant, execution_id, timer.key, timer.due_at])
            if decisions.cancelled_timers:
                pipeline.add(sql.CANCEL_TIMERS, [execution_id, decisions.cancelled_timers])
            self._due += outbox.of_decisions(self.kept, decisions, self.at)
        if self._pending.has_ended:
            self._due += outbox.of_end(self.kept, self.at)
            if self.flow.flow.concurrency is not None:
                self._due += free_slot(self.kept, self.at)
        elif self.is_new and self.kept.parent_task_run_id is not None:
            self._due += outbox.of_start(self.kept, self.at)
        outbox.insert(pipeline, self.tenant, self._due)

    def _announcement(self) -> Announcement | None:
        if not self.has_changed and not self._lines:
            return None
        pending = self._pending
        return Announcement(
            self.kept,
            is_changed=self.has_changed,
            is_wide=self.is_new or pending.is_wide,
            task_runs=[*pending.created.values(), *pending.changed.values()],
            deleted=pending.deleted,
            lines=self._lines,
        )


@dataclass(slots=True)
class Locked:
    """A transition with the rows that were asked for in the same round trip."""

    transition: Transition
    results: list[list[Row]]
    jobs: list[Row]


def locked(
    execution_id: str, *, around: Sequence[str] = (), job_ids: Sequence[str] = (), pipeline: Pipeline | None = None
) -> Locked:
    """Lock an execution of the open scope, then these jobs of it. Raises NotFound.

    The task runs `around` and those of the jobs are loaded with their ancestors.
    """
    pipeline = pipeline or Pipeline()
    place = pipeline.add(sql.LOCK_EXECUTION, [execution_id])
    jobs = queue.lock(pipeline, execution_id, job_ids) if job_ids else -1
    runs = pipeline.add(sql.TASK_RUNS, [execution_id, list(around), list(job_ids)])
    results = pipeline.run()
    if not results[place]:
        raise NotFound(f"Execution '{execution_id}' was not found")
    (row,) = results[place]
    kept = rows.execution_from(row)
    transition = Transition(kept, running_revision(kept.revision_id), row[-1])
    transition.ledger.admit_with_ancestors(results[runs])
    return Locked(transition, results, results[jobs] if job_ids else [])


def apply(
    tenant: str,
    execution_id: str,
    make: MakeEvent,
    *,
    around: Sequence[str] = (),
    first: tuple[str, Sequence[Any]] | None = None,
) -> Outcome | None:
    """Fold one event. `first` is a statement that takes what the event came from (a timer, an outbox row): when it
    takes nothing, somebody else has folded it, and nothing is done. None then, and when the execution is gone."""
    with tenant_scope(tenant):
        pipeline = Pipeline()
        if first is not None:
            pipeline.add(*first)
        try:
            found = locked(execution_id, around=around, pipeline=pipeline)
        except NotFound:
            return None
        if first is not None and not found.results[0]:
            return None
        return fold_and_write(found.transition, make)


def fold_and_write(transition: Transition, make: MakeEvent) -> Outcome:
    """The rest of a transition that brings one event; inside the scope that locked it."""
    refused = transition.fold(make)
    if refused is None:
        transition.finish()
    return Outcome(transition.execution, refused)


def _follow(tenant: str, groups: list[str], events: list[str], announcement: Announcement | None) -> None:
    """What comes after the commit. All of it is found again by the reconciler if this process dies here."""
    crashpoint("committed")
    tickets.send(groups)
    crashpoint("ticket sent")
    if announcement is not None:
        announcement.publish()
    crashpoint("announced")
    outbox.fold_now(tenant, events)


def _job(execution_id: str, flow: CompiledFlow, order: Any) -> NewJob:
    payload: dict[str, Any] = {}
    if order.timeout is not None:
        payload["timeout"] = order.timeout.total_seconds()
    return NewJob(
        kind="run",
        subject_id=execution_id,
        due_at=order.due_at,
        part_id=order.task_run_id,
        attempt=order.attempt,
        group=order.worker_group or group_of(flow),
        payload=payload,
    )


def group_of(flow: CompiledFlow) -> str | None:
    """The worker group the flow as a whole asks for."""
    group = flow.flow.worker_group or {}
    return str(group["key"]) if group.get("key") else None


def _evaluation(execution_id: str, order: Any) -> NewJob:
    return NewJob(
        kind="evaluate",
        subject_id=execution_id,
        due_at=order.due_at,
        part_id=order.task_run_id or "",
        key=order.key,
        group=order.worker_group,
        payload={"expressions": dict(order.expressions), "extra": dict(order.extra)},
    )


def database_clock() -> datetime:
    """The time by which everything here is judged; inside a scope."""
    pipeline = Pipeline()
    place = pipeline.add(sql.NOW)
    current_tenant()
    moment: datetime = pipeline.run()[place][0][0]
    return moment
