"""Finds what runs and has nobody who will bring it on: no job, timer, child, event or place. Names it and repairs it.

Every transition writes what follows from it in its own transaction, so this finds only what somebody did to the
database by hand, what a defect left, or what was restored from a backup taken in parts.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection
from prometheus_client import Counter

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, after_commit, tenant_scope
from control_plane.kernel.words.errors import NotFound
from control_plane.kernel.words.ids import new_id
from executions.engine import events as ev
from executions.engine import rounds
from executions.engine.ending import retry_key
from executions.engine.records import TaskRun
from executions.maintenance.outbox_folding import fold_outbox_events
from executions.record import outbox, sql
from executions.record.families import Family
from executions.record.lines import Line
from executions.record.rows import execution_from
from executions.record.slots import take_slot
from executions.record.transitions import MakeEvent, Transition, locked
from executions.starts.held import BEGIN
from plugins.contracts import LogLevel, State

logger = logging.getLogger(__name__)

repaired = Counter(
    "orrery_unowned_executions",
    "Executions that nothing would have brought on, by what was missing",
    ["missing"],
)

AT_ONCE = 100
PATIENCE_SECONDS = 60.0
"""Who has changed this long ago and is owned by nobody is not only between two steps."""
EVERY_SECONDS = 30.0

_OPEN = """state NOT IN ('SUCCESS', 'WARNING', 'FAILED', 'KILLED', 'CANCELLED', 'RETRIED', 'SKIPPED', 'RESUBMITTED')"""
_LAST = "({0}.history -> -1 ->> 'date')::timestamptz < clock_timestamp() - make_interval(secs => %(patience)s)"
_NOT_WAITING_FOR_PEOPLE = "NOT IN ('PAUSED', 'BREAKPOINT', 'QUEUED')"
_IS_ASKED = "(%(execution)s::text IS NULL OR e.id = %(execution)s)"

# Task runs with nothing below them that goes on. A task inside a WorkingDirectory is owned by the directory's job.
_TASK_RUNS = f"""
SELECT e.id, r.id FROM task_run r JOIN execution e ON e.id = r.execution_id AND e.{sql.OF_THIS_TENANT}
WHERE r.{_OPEN} AND r.{sql.OF_THIS_TENANT} AND {_IS_ASKED} AND e.state {_NOT_WAITING_FOR_PEOPLE}
  AND r.state NOT IN ('PAUSED', 'BREAKPOINT') AND COALESCE(r.waits_for, '') NOT IN ('resume', 'breakpoint')
  AND {_LAST.format("r")}
  AND NOT EXISTS (
      SELECT FROM task_run below WHERE below.execution_id = e.id AND below.parent_id = r.id AND below.{_OPEN})
  AND NOT EXISTS (SELECT FROM job WHERE job.subject_id = e.id AND (
      job.part_id IN (r.id, COALESCE(r.parent_id, r.id)) OR job.key LIKE '%%:' || r.id || '%%'))
  AND NOT EXISTS (SELECT FROM timer WHERE timer.execution_id = e.id AND timer.key LIKE '%%:' || r.id || '%%')
  AND NOT EXISTS (SELECT FROM outbox_event WHERE outbox_event.execution_id = e.id)
  AND NOT EXISTS (
      SELECT FROM execution child WHERE child.parent_id = e.id AND child.end_date IS NULL
      AND COALESCE(child.parent_task_run_id, child.loop_run ->> 'taskRunId') = r.id)
ORDER BY e.id LIMIT %(most)s"""

# Executions of which nothing is open, and which have not ended; and those that wait for a place that is theirs or free.
_EXECUTIONS = f"""
SELECT e.id FROM execution e
WHERE e.end_date IS NULL AND e.{sql.OF_THIS_TENANT} AND {_IS_ASKED} AND e.state NOT IN ('PAUSED', 'BREAKPOINT')
  AND {_LAST.format("e")}
  AND (e.state <> 'QUEUED' OR EXISTS (SELECT FROM concurrency_slot s WHERE s.execution_id = e.id) OR NOT EXISTS (
      SELECT FROM concurrency_slot s WHERE s.namespace = e.namespace AND s.flow_id = e.flow_id))
  AND NOT EXISTS (SELECT FROM task_run r WHERE r.execution_id = e.id AND r.{_OPEN})
  AND NOT EXISTS (SELECT FROM job WHERE job.subject_id = e.id)
  AND NOT EXISTS (SELECT FROM timer WHERE timer.execution_id = e.id)
  AND NOT EXISTS (SELECT FROM outbox_event WHERE outbox_event.execution_id = e.id)
ORDER BY e.id LIMIT %(most)s"""

_SLOTS = f"""
DELETE FROM concurrency_slot s WHERE s.{sql.OF_THIS_TENANT} AND NOT EXISTS (
    SELECT FROM execution e WHERE e.id = s.execution_id AND (
        e.end_date IS NULL OR COALESCE(e.frame ->> 'stage', 'done') <> 'done' OR NOT ({_LAST.format("e")})))
RETURNING s.execution_id"""

_HAS_SLOT = f"SELECT 1 FROM concurrency_slot WHERE execution_id = %s AND {sql.OF_THIS_TENANT}"
_CHILDREN = f"""
SELECT id FROM execution WHERE parent_id = %s AND parent_task_run_id = %s AND {sql.OF_THIS_TENANT}
ORDER BY start_date, id"""
_TENANTS = "SELECT id FROM tenant ORDER BY id"


@dataclass(slots=True)
class Sweeper:
    """Looks at all tenants every half a minute."""

    patience: float = PATIENCE_SECONDS
    clock: Callable[[], float] = time.monotonic
    _next: float = 0.0

    def repair_unowned(self) -> bool:
        """Safe if two run at once: each repair holds its execution and looks again. Never more to do right now."""
        if self.clock() < self._next:
            return False
        self._next = self.clock() + EVERY_SECONDS
        for tenant in _tenants():
            self._repair_tenant(tenant)
        return False

    def _repair_tenant(self, tenant: str) -> None:
        with tenant_scope(tenant):
            for (execution_id,) in self._ask(_SLOTS):
                _tell(tenant, execution_id, "place", "its place under the limit of its flow was still taken")
            found = {row[0] for row in (*self._ask(_TASK_RUNS), *self._ask(_EXECUTIONS))}
        for execution_id in sorted(found):
            try:
                self._repair(tenant, execution_id)
            except Exception:
                logger.exception("execution %s of %s is owned by nobody and cannot be repaired", execution_id, tenant)

    def _repair(self, tenant: str, execution_id: str) -> None:
        with tenant_scope(tenant):
            try:
                locked(execution_id)
            except NotFound:
                return
            runs = [row[1] for row in self._ask(_TASK_RUNS, execution_id)]
            if not runs and not self._ask(_EXECUTIONS, execution_id):
                return
            transition = locked(execution_id, around=runs).transition
            for missing, reason in _repaired(transition, runs):
                _tell(tenant, execution_id, missing, reason)
                at = transition.at
                transition.add_lines([Line(at=at, level=LogLevel.WARN.value, message=f"Repaired: {reason}")])
            Family(transition).finish()

    def _ask(self, statement: str, execution_id: str | None = None) -> list[tuple[str, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(statement, {"patience": self.patience, "execution": execution_id, "most": AT_ONCE})
            return list(cursor.fetchall())


def _tenants() -> list[str]:
    pipeline = Pipeline()
    with across_tenants("executions of all tenants that nobody owns"):
        place = pipeline.add(_TENANTS)
        return [tenant for (tenant,) in pipeline.run()[place]]


def _tell(tenant: str, execution_id: str, missing: str, reason: str) -> None:
    repaired.labels(missing=missing).inc()
    logger.warning("execution %s of %s was owned by nobody: %s", execution_id, tenant, reason)


def _repaired(transition: Transition, runs: list[str]) -> Iterator[tuple[str, str]]:
    """What was missing, and what was done about it; each is folded already."""
    if not runs and (done := _bring_on(transition)) is not None:
        yield done
    for run_id in runs:
        run = transition.ledger.task_run(run_id)
        missing, reason, make = _lacking(transition, run)
        if make is not None and transition.fold(make) is not None:
            transition.fold(lambda at, seed: ev.KillRequested(at=at, seed=seed))
            reason = f"{reason}; it cannot go on and is killed"
        yield missing, reason


def _bring_on(transition: Transition) -> tuple[str, str] | None:
    """An execution of which nothing is open: it waits for its date or a place, or is left over."""
    record = transition.execution
    if record.state is State.QUEUED:
        if not _gets_slot(transition):
            return None
        transition.fold(lambda at, seed: ev.SlotFreed(at=at, seed=seed))
        return "event", "it had a place under the limit of its flow and was not told"
    if record.state is State.CREATED and "stage" not in record.frame:
        pipeline = Pipeline()
        pipeline.add(
            sql.SET_TIMER, [new_id(), transition.tenant, record.id, BEGIN, record.schedule_date or transition.at]
        )
        pipeline.run()
        return "timer", "nothing told it that its date has come"
    if record.frame.get("stage") == "outputs":
        reason = "its outputs wait for an evaluation whose job is gone"
        transition.fold(lambda at, seed: ev.Evaluated(at=at, seed=seed, key="outputs", values={}, error=reason))
        return "job", reason
    # It counts what is open, and nothing is: without its counters it ends as one that has not begun.
    record.frame.pop("stage", None)
    transition.fold(lambda at, seed: ev.KillRequested(at=at, seed=seed))
    return "task run", "nothing of it was open, so it is killed"


def _gets_slot(transition: Transition) -> bool:
    record, concurrency = transition.execution, transition.flow.flow.concurrency
    with connection.cursor() as cursor:
        cursor.execute(_HAS_SLOT, [record.id])
        if cursor.fetchone() or concurrency is None:
            return True
    return take_slot(record.tenant, record.namespace, record.flow_id, record.id, concurrency.limit)


def _lacking(transition: Transition, run: TaskRun) -> tuple[str, str, MakeEvent | None]:
    """What the task run lacks, as a word and a sentence, and the event that brings it on."""
    kind, _, date = (run.waits_for or "").partition(":")
    name = f"task run {run.id} of {run.task_id}"
    if kind == "child":
        return _without_child(transition, run, name)
    if kind == "retry":
        key = retry_key(run)
        return "timer", f"{name} waits for a timer that is gone", _timer(key)
    if kind == "round" and date:
        return "timer", f"{name} waits for a timer that is gone", _timer(rounds.key(run))
    if kind in ("gate", "plan", "items", "round"):
        key, reason = f"{kind}:{run.id}:{len(run.attempts)}", f"{name} waits for an evaluation whose job is gone"
        return "job", reason, lambda at, seed: ev.Evaluated(at=at, seed=seed, key=key, values={}, error=reason)
    attempt = len(run.attempts) + (kind == "worker")
    reason = f"{name} is {run.state} and its job is gone"
    return "job", reason, lambda at, seed: ev.JobLost(at=at, seed=seed, task_run_id=run.id, attempt=attempt)


def _timer(key: str) -> MakeEvent:
    return lambda at, seed: ev.TimerFired(at=at, seed=seed, key=key)


def _without_child(transition: Transition, run: TaskRun, name: str) -> tuple[str, str, MakeEvent | None]:
    """Children that have ended are told again; where there is none, the task is told that there will be none."""
    with connection.cursor() as cursor:
        cursor.execute(_CHILDREN, [transition.execution.id, run.id])
        children = [child for (child,) in cursor.fetchall()]
    if not children:
        reason = f"{name} waits for an execution that is gone"
        return "child", reason, lambda at, seed: ev.ChildRefused(at=at, seed=seed, task_run_id=run.id, reason=reason)
    pipeline = Pipeline()
    places = [pipeline.add(sql.READ_EXECUTION, [child]) for child in children]
    results = pipeline.run()
    told = [row for place in places for row in outbox.of_start(execution_from(results[place][0]), transition.at)]
    outbox.insert(pipeline, transition.tenant, told)
    pipeline.run()
    ids, tenant = [row.id for row in told], transition.tenant

    after_commit(lambda: fold_outbox_events(tenant, ids))
    return "event", f"{name} was not told that what it waits for has ended", None
