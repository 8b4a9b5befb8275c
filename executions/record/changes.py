"""Everything that was folded into an execution and is not yet written, and how it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.ids import new_id
from executions.engine.decisions import Decisions, TurnOrder
from executions.engine.records import TaskRun
from executions.hooks import state_written
from executions.record import outbox, rows, sql
from executions.record.ledger import DbLedger
from executions.record.lines import Line, MetricPoint, insert_lines, insert_metrics
from executions.record.rest_keys import rest_key
from executions.record.rows import Kept, dumps, dumps_or_none, end_date
from executions.record.slots import free_slot
from workers.queue import queue
from workers.queue.queue import NewJob


@dataclass(slots=True)
class Changes:
    """`kills` is the place of the stopped jobs among the results of the trip; `due` is what others are to be told."""

    at: datetime
    is_new: bool
    has_places: bool
    is_wide: bool = False
    created: dict[str, TaskRun] = field(default_factory=dict)
    changed: dict[str, TaskRun] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)
    jobs: list[NewJob] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    turns: list[TurnOrder] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    metrics: list[MetricPoint] = field(default_factory=list)
    has_ended: bool = False
    decisions: list[Decisions] = field(default_factory=list)
    known_steps: int = 0
    """How many states its history had when it was read."""
    kills: int = -1
    due: list[outbox.OutboxRow] = field(default_factory=list)

    @property
    def is_any(self) -> bool:
        return self.is_new or self.is_wide or bool(self.created or self.changed or self.deleted)

    def take_in(self, decisions: Decisions) -> None:
        self.is_wide |= decisions.execution_changed
        self.created |= {run.id: run for run in decisions.created}
        self.changed |= {run.id: run for run in decisions.changed if run.id not in self.created}
        for task_run_id in decisions.deleted:
            if self.created.pop(task_run_id, None) is None:
                self.changed.pop(task_run_id, None)
                self.deleted.append(task_run_id)
        self.stopped += decisions.kill_jobs
        self.turns += decisions.turns
        self.has_ended |= decisions.has_ended
        self.decisions.append(decisions)

    def take_turns(self) -> list[TurnOrder]:
        """Those ordered since this was last asked."""
        ordered, self.turns = self.turns, []
        return ordered


def stage(pipeline: Pipeline, kept: Kept, ledger: DbLedger, changes: Changes) -> None:
    """Put everything into a trip."""
    _stage_execution(pipeline, kept, changes)
    _stage_task_runs(pipeline, kept, ledger, changes)
    _stage_jobs(pipeline, kept, changes)
    _stage_effects(pipeline, kept, changes)
    insert_lines(pipeline, kept, changes.lines)
    insert_metrics(pipeline, kept, changes.metrics)
    state_written.tell(pipeline, kept.record, kept.record.history[changes.known_steps :], changes.at)


def _stage_execution(pipeline: Pipeline, kept: Kept, changes: Changes) -> None:
    first = kept.log_seq + 1
    kept.log_seq += len(changes.lines)
    for number, line in enumerate(changes.lines, first):
        line.seq = number
    if changes.is_new:
        pipeline.add(sql.INSERT_EXECUTION, rows.execution_values(kept, changes.at))
        return
    kept.version += changes.is_any
    if changes.is_wide:
        pipeline.add(sql.UPDATE_EXECUTION, _wide_values(kept, changes.at))
    elif changes.is_any or changes.lines:
        pipeline.add(sql.TOUCH_EXECUTION, [changes.at, kept.version, kept.log_seq, kept.record.id])


def _wide_values(kept: Kept, at: datetime) -> list[Any]:
    record = kept.record
    return [
        record.state.value,
        dumps(record.history),
        dumps(record.labels),
        dumps_or_none(record.outputs),
        dumps(record.variables),
        dumps(record.breakpoints),
        record.task_run_count,
        dumps(record.frame),
        end_date(record),
        at,
        kept.version,
        kept.log_seq,
        record.id,
    ]


def _stage_task_runs(pipeline: Pipeline, kept: Kept, ledger: DbLedger, changes: Changes) -> None:
    if changes.created:
        values: list[Any] = []
        for run in changes.created.values():
            values += rows.task_run_values(kept.record, run, ledger.path(run))
        pipeline.add(sql.rows(sql.INSERT_TASK_RUNS, sql.TASK_RUN_ROW, len(changes.created)), values)
    for run in changes.changed.values():
        pipeline.add(sql.UPDATE_TASK_RUN, _task_run_values(run))
    if changes.deleted:
        pipeline.add(sql.DELETE_TASK_RUNS, [kept.record.id, changes.deleted])


def _task_run_values(run: TaskRun) -> list[Any]:
    return [
        run.state.value,
        dumps(run.history),
        dumps(run.attempts),
        dumps_or_none(run.outputs),
        dumps_or_none(run.frame),
        run.iteration,
        run.waits_for,
        dumps_or_none(run.items),
        run.id,
    ]


def _stage_jobs(pipeline: Pipeline, kept: Kept, changes: Changes) -> None:
    if changes.stopped:
        changes.kills = queue.withdraw(pipeline, kept.record.id, changes.stopped)
        pipeline.add(sql.END_RESTS, [kept.record.id, [f"{rest_key(each)}%" for each in changes.stopped]])
    stopped = set(changes.stopped)
    changes.jobs = [job for job in changes.jobs if job.part_id not in stopped]
    queue.order(pipeline, kept.record.tenant, changes.jobs)


def _stage_effects(pipeline: Pipeline, kept: Kept, changes: Changes) -> None:
    record = kept.record
    for decisions in changes.decisions:
        for timer in decisions.timers:
            pipeline.add(sql.SET_TIMER, [new_id(), record.tenant, record.id, timer.key, timer.due_at])
        if decisions.cancelled_timers:
            pipeline.add(sql.CANCEL_TIMERS, [record.id, decisions.cancelled_timers])
        changes.due += outbox.of_decisions(kept, decisions, changes.at)
    if changes.has_ended:
        changes.due += outbox.of_end(kept, changes.at)
        if changes.has_places:
            changes.due += free_slot(kept, changes.at)
    elif changes.is_new and kept.parent_task_run_id is not None:
        changes.due += outbox.of_start(kept, changes.at)
    outbox.insert(pipeline, record.tenant, changes.due)
