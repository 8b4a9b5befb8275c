"""The only writer of execution state: one event, or a few, folded into one execution in one transaction."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from control_plane.kernel.crashpoints import crashpoint
from control_plane.kernel.live.publishing import publish
from control_plane.kernel.pipeline import Pipeline, Row
from control_plane.kernel.scope import after_commit, current_tenant, tenant_scope
from control_plane.kernel.words.errors import NotFound
from control_plane.kernel.words.ids import new_id
from executions.engine import events as ev
from executions.engine.decisions import Decisions, Evaluation, JobOrder, LogLine, TurnOrder
from executions.engine.fold import fold
from executions.engine.loops import MOST_AT_ONCE
from executions.engine.records import Execution, TaskRun
from executions.engine.turns import end_of_turn, gives_outputs, new_turn, new_turn_after
from executions.record import outbox, rows, sql
from executions.record.announcing import Announcement
from executions.record.changes import Changes, stage
from executions.record.files import forget_below, keep_turn_outputs, prefix_of
from executions.record.flow_source import RunningFlow, running_flow
from executions.record.ledger import DbLedger
from executions.record.lines import Line, MetricPoint
from executions.record.rows import Kept
from executions.record.sending import sent
from executions.record.slots import free_slot, take_slot
from executions.record.turns_below import TurnBelow, turns_below, withdraw_jobs
from plugins.contracts.worker_selectors import WantedWorkers
from stores.storage.keys import execution_prefix
from workers.queue import orders, queue, tickets
from workers.queue.kinds import Claimant
from workers.queue.queue import NewJob

MakeEvent = Callable[[datetime, int], ev.Event]


@dataclass(slots=True)
class Outcome:
    """What became of an event. `refused` says why nothing changed."""

    execution: Execution
    refused: str | None = None


class Transition:
    """One execution, locked: fold events into it, add lines to it, then write it once.

    Made by `locked` or `beginning`, inside the tenant's scope. Nothing is in the database before `write`.
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
        self._changes = Changes(at, is_new, self.flow.flow.concurrency is not None, known_steps=known)
        self._kin: dict[str, Transition] = {}
        self._is_told = False

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
        self._changes.lines += lines

    def add_metrics(self, points: Iterable[MetricPoint]) -> None:
        self._changes.metrics += points

    @property
    def has_changed(self) -> bool:
        return self._changes.is_any

    @property
    def family(self) -> list[Transition]:
        """Itself, and what changes with it: turns that begin, and the loop of a turn that ends."""
        return [self, *self._kin.values()]

    def write(self, pipeline: Pipeline, claim: Claimant | None = None) -> list[list[Row]]:
        """Send everything, after what the caller has put into the trip and before the claim of a worker."""
        self._take_along()
        for each in self.family:
            stage(pipeline, each.kept, each.ledger, each._changes)
        if claim is not None:
            claim.add(pipeline)
        return pipeline.run()

    def _take_along(self) -> None:
        """A turn begins with what orders it, and its end is its loop's: one transaction, whose locks go upwards only.

        So a turn is counted once, and the answer to a report may carry the first job of the next turn.
        """
        begun, waiting = 0, deque([self])
        while waiting:
            each = waiting.popleft()
            for order in each._changes.take_turns():
                waiting.append(self._begin_turn(each, order))
                begun += 1
            if each._changes.has_ended and each.execution.loop_run is not None and not each._is_told:
                each._is_told = True
                waiting.extend(self._tell_loop(each, opens_more=begun < MOST_AT_ONCE))

    def _begin_turn(self, loop: Transition, order: TurnOrder) -> Transition:
        record = new_turn(loop.execution, order, id=new_id(), at=loop.at)
        return self._add_turn(loop, record)

    def _add_turn(self, loop: Transition, record: Execution) -> Transition:
        run = record.loop_run or {}
        kept = Kept(record, loop.kept.revision_id, run["taskRunId"], run["index"], 1, 0)
        turn = Transition(kept, loop.running.turn(run["taskId"]), loop.at, is_new=True, outer=loop.ledger)
        turn.fold(lambda at, seed: ev.TurnBegan(at=at, seed=seed))
        self._kin[record.id] = turn
        return turn

    def _tell_loop(self, turn: Transition, *, opens_more: bool) -> list[Transition]:
        """The loop it belongs to, which has counted it; nothing when that was deleted."""
        record = turn.execution
        if record.frame.get("stored") and gives_outputs(record.state) and record.outputs is not None:
            record.outputs = {"uri": keep_turn_outputs(record)}
        loop = self._known(record.parent_id or "") or _locked_loop(record)
        if loop is None:
            return []
        if loop is not self:
            self._kin[loop.execution.id] = loop
        loop.fold(lambda at, seed: end_of_turn(record, at=at, seed=seed, opens_more=opens_more))
        return [loop]

    def _known(self, execution_id: str) -> Transition | None:
        return self if execution_id == self.execution.id else self._kin.get(execution_id)

    def take_over(self, task_runs: Sequence[TaskRun]) -> None:
        """Task runs that a new execution brings along from the one it repeats."""
        self._changes.created |= {run.id: run for run in task_runs}
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

    def settle(self, results: Sequence[Sequence[Row]], taken: Iterable[str] = ()) -> None:
        """After `write`: see to what follows the commit. `taken` are groups whose new job was just claimed."""
        changes = [each._changes for each in self.family]
        kills = [row for each in changes if each.kills >= 0 for row in results[each.kills]]
        if kills:
            after_commit(lambda: orders.send_kills(kills))
        groups = [job.group_key for each in changes for job in each.jobs]
        for group in taken:
            if group in groups:
                groups.remove(group)
        events = [event.id for each in changes for event in each.due if event.due_at <= self.at]
        told = [each._announcement() for each in self.family]
        tenant, announcements = self.tenant, [each for each in told if each is not None]
        after_commit(lambda: _follow(tenant, groups, events, announcements))

    def _take_in(self, decisions: Decisions) -> None:
        changes = self._changes
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

    def _announcement(self) -> Announcement | None:
        changes = self._changes
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
    place = pipeline.add(sql.LOCK_EXECUTION, [execution_id])
    jobs = queue.lock(pipeline, execution_id, job_ids) if job_ids else -1
    runs = pipeline.add(sql.TASK_RUNS, [list(around), list(job_ids), execution_id])
    results = pipeline.run()
    if not results[place]:
        raise NotFound(f"Execution '{execution_id}' was not found")
    (row,) = results[place]
    kept = rows.execution_from(row)
    transition = Transition(kept, running_flow(kept), row[-1])
    transition.ledger.admit_with_ancestors(results[runs])
    return Locked(transition, results, results[jobs] if job_ids else [])


def _locked_loop(turn: Execution) -> Transition | None:
    """The execution with the loop of a turn, and the value of the loop's next turn, in one round trip."""
    pipeline = Pipeline()
    place = pipeline.add(sql.LOCK_EXECUTION, [turn.parent_id])
    loops = pipeline.add(sql.LOOPS, [turn.parent_id, (turn.loop_run or {})["taskRunId"]])
    results = pipeline.run()
    for row in results[place]:
        kept = rows.execution_from(row)
        transition = Transition(kept, running_flow(kept), row[-1])
        transition.ledger.admit_loop(results[loops])
        return transition
    return None


def begin_turn_again(turn: Kept) -> None:
    """A turn that ended RETRIED is tried anew, as another execution in its place."""
    loop = _locked_loop(turn.record)
    if loop is None:
        return
    loop._add_turn(loop, new_turn_after(turn.record, id=new_id(), at=loop.at))
    loop.finish()


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


def takes_slot(transition: Transition) -> bool:
    """One that has ended gave its place away and needs one again; until then it still has its own."""
    record, concurrency = transition.execution, transition.flow.flow.concurrency
    if concurrency is None or not record.state.is_terminal:
        return True
    return take_slot(record.tenant, record.namespace, record.flow_id, record.id, concurrency.limit)


def fold_and_write(transition: Transition, make: MakeEvent) -> Outcome:
    """The rest of a transition that brings one event; inside the scope that locked it."""
    refused = transition.fold(make)
    if refused is None:
        transition.finish()
    return Outcome(transition.execution, refused)


def _follow(tenant: str, groups: list[str], events: list[str], announcements: list[Announcement]) -> None:
    """What comes after the commit. All of it is found again by the reconciler if this process dies here."""
    crashpoint("committed")
    messages = tickets.offer(groups)
    crashpoint("ticket sent")
    for announcement in announcements:
        messages += announcement.messages()
    if messages:
        publish(messages)
    crashpoint("announced")
    outbox.fold_now(tenant, events)


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
