"""The only writer of execution state: one event, or a few, folded into one execution in one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from control_plane.kernel.pipeline import Pipeline, Row
from control_plane.kernel.scope import after_commit, current_tenant
from control_plane.kernel.words.errors import NotFound
from executions.engine import events as ev
from executions.engine.decisions import Decisions, Evaluation, JobOrder, LogLine
from executions.engine.fold import fold
from executions.engine.records import Execution, TaskRun
from executions.record import outbox, rows, sql
from executions.record.announcing import Announcement
from executions.record.changes import Changes
from executions.record.files import forget_below, prefix_of
from executions.record.flow_source import RunningFlow, running_flow
from executions.record.ledger import DbLedger
from executions.record.lines import Line, MetricPoint
from executions.record.rows import Kept
from executions.record.sending import sent
from executions.record.slots import free_slot, take_slot
from executions.record.turns_below import TurnBelow, turns_below, withdraw_jobs
from plugins.contracts.worker_selectors import WantedWorkers
from stores.storage.keys import execution_prefix
from workers.queue import orders, queue
from workers.queue.queue import NewJob

MakeEvent = Callable[[datetime, int], ev.Event]


class Transition:
    """One execution, locked: fold events into it, add lines to it, then write it once, with its family.

    Made by `locked` or for a new execution, inside the tenant's scope. Nothing is in the database before that.
    """

    def __init__(
        self, kept: Kept, running: RunningFlow, at: datetime, *, is_new: bool = False, outer: DbLedger | None = None
    ) -> None:
        self.kept = kept
        self.running = running
        self.flow = running.compiled
        self.at = at
        self.ledger = DbLedger(kept, outer)
        self.tenant = kept.record.tenant
        known = 0 if is_new else len(kept.record.history)
        self.changes = Changes(at, is_new, self.flow.flow.concurrency is not None, known_steps=known)

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
        self.changes.lines += lines

    def add_metrics(self, points: Iterable[MetricPoint]) -> None:
        self.changes.metrics += points

    @property
    def has_changed(self) -> bool:
        return self.changes.is_any

    def take_over(self, task_runs: Sequence[TaskRun]) -> None:
        """Task runs that a new execution brings along from the one it repeats."""
        self.changes.created |= {run.id: run for run in task_runs}
        self.ledger.remember(task_runs, ())

    def drop_labels(self, but: set[str]) -> None:
        """Take off what people have put on, but for these."""
        labels = self.execution.labels
        for name in [name for name in labels if name not in but and not name.startswith("system.")]:
            del labels[name]

    def remove(self, *, with_logs: bool, with_metrics: bool, with_files: bool) -> None:
        """Delete the execution. Its jobs go, and with them the right of any worker to report."""
        turns = turns_below([self.execution.id])
        ids = [self.execution.id, *(turn.id for turn in turns)]
        pipeline = Pipeline()
        kills = [queue.withdraw_all(pipeline, self.execution.id), *withdraw_jobs(pipeline, turns)]
        statements = [*sql.DELETE_OVER, *[sql.DELETE_LOGS_OF] * with_logs, *[sql.DELETE_METRICS_OF] * with_metrics]
        for statement in statements:
            pipeline.add(statement, [ids])
        due = free_slot(self.kept, self.at) if self.flow.flow.concurrency is not None else []
        due += outbox.of_removal(self.kept, self.at)
        outbox.insert(pipeline, self.tenant, due)
        results = pipeline.run()
        killed = [row for place in kills for row in results[place]]
        tenant, prefixes = self.tenant, [prefix_of(self.execution), *map(self._prefix_of_turn, turns)]
        after_commit(lambda: orders.send_kills(killed))
        after_commit(lambda: outbox.fold_now(tenant, [event.id for event in due]))
        if with_files:
            after_commit(lambda: forget_below(prefixes))

    def _prefix_of_turn(self, turn: TurnBelow) -> str:
        return execution_prefix(self.tenant, turn.namespace, turn.flow_id, turn.id)

    def _take_in(self, decisions: Decisions) -> None:
        changes = self.changes
        changes.take_in(decisions)
        changes.jobs += [self._sent(_job(self.execution.id, order), order.workers) for order in decisions.jobs]
        changes.jobs += [
            self._sent(_evaluation(self.execution.id, order), order.workers) for order in decisions.evaluations
        ]
        self.ledger.remember(decisions.created, decisions.deleted)
        changes.lines += [self._line(line) for line in decisions.logs]

    def _sent(self, job: NewJob, workers: WantedWorkers | None) -> NewJob:
        return sent(self.tenant, self.running.around, job, workers)

    def _line(self, line: LogLine) -> Line:
        run = self.ledger.task_run(line.task_run_id) if line.task_run_id is not None else None
        task_id = run.task_id if run is not None else None
        return Line(self.at, line.level.value, line.message, task_id, line.task_run_id, line.attempt)

    def announcement(self) -> Announcement | None:
        changes = self.changes
        if not changes.is_any and not changes.lines:
            return None
        return Announcement(
            self.kept,
            is_changed=changes.is_any,
            is_wide=changes.is_new or changes.is_wide,
            task_runs=[*changes.created.values(), *changes.changed.values()],
            deleted=changes.deleted,
            lines=changes.lines,
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
    places = _lock(pipeline, sql.LOCK_EXECUTION, execution_id, around, job_ids)
    results = pipeline.run()
    found = _found(results, places)
    if found is None:
        raise NotFound(f"Execution '{execution_id}' was not found")
    return found


def locked_together(job_ids: Mapping[str, Sequence[str]]) -> dict[str, Locked]:
    """Lock executions with jobs of theirs, in one round trip. Left out is what is gone, or what somebody else holds:
    who has locked one execution waits for no second one, or two who want the same would wait for each other."""
    pipeline = Pipeline()
    places = {each: _lock(pipeline, sql.LOCK_EXECUTION_IF_FREE, each, (), job_ids[each]) for each in job_ids}
    results = pipeline.run()
    found = {each: _found(results, places[each]) for each in job_ids}
    return {each: known for each, known in found.items() if known is not None}


def _lock(
    pipeline: Pipeline, statement: str, execution_id: str, around: Sequence[str], job_ids: Sequence[str]
) -> tuple[int, int, int]:
    """The places of the execution, of its jobs and of their task runs."""
    place = pipeline.add(statement, [execution_id])
    jobs = queue.lock(pipeline, execution_id, job_ids) if job_ids else -1
    return place, jobs, pipeline.add(sql.TASK_RUNS, [list(around), list(job_ids), execution_id])


def _found(results: list[list[Row]], places: tuple[int, int, int]) -> Locked | None:
    place, jobs, runs = places
    for row in results[place]:
        kept = rows.execution_from(row)
        transition = Transition(kept, running_flow(kept), row[-1])
        transition.ledger.admit_with_ancestors(results[runs])
        return Locked(transition, results, results[jobs] if jobs >= 0 else [])
    return None


def takes_slot(transition: Transition) -> bool:
    """One that has ended gave its place away and needs one again; until then it still has its own."""
    record, concurrency = transition.execution, transition.flow.flow.concurrency
    if concurrency is None or not record.state.is_terminal:
        return True
    return take_slot(record.tenant, record.namespace, record.flow_id, record.id, concurrency.limit)


def _job(execution_id: str, order: JobOrder) -> NewJob:
    payload: dict[str, Any] = {}
    if order.timeout is not None:
        payload["timeout"] = order.timeout.total_seconds()
    return NewJob(
        kind="run",
        subject_id=execution_id,
        due_at=order.due_at,
        part_id=order.task_run_id,
        attempt=order.attempt,
        payload=payload,
    )


def _evaluation(execution_id: str, order: Evaluation) -> NewJob:
    return NewJob(
        kind="evaluate",
        subject_id=execution_id,
        due_at=order.due_at,
        part_id=order.task_run_id or "",
        key=order.key,
        payload={"expressions": dict(order.expressions), "extra": dict(order.extra)},
    )


def database_clock() -> datetime:
    """The time by which everything here is judged; inside a scope."""
    pipeline = Pipeline()
    place = pipeline.add(sql.NOW)
    current_tenant()
    moment: datetime = pipeline.run()[place][0][0]
    return moment
