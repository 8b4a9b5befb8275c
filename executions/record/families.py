"""Executions that change in one transaction: written together, followed up together."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from control_plane.kernel.crashpoints import crashpoint
from control_plane.kernel.live.publishing import publish
from control_plane.kernel.pipeline import Pipeline, Row
from control_plane.kernel.scope import after_commit, tenant_scope
from control_plane.kernel.words.errors import NotFound
from control_plane.kernel.words.ids import new_id
from executions.engine import events as ev
from executions.engine.decisions import TurnOrder
from executions.engine.loops import MOST_AT_ONCE
from executions.engine.records import Execution
from executions.engine.turns import end_of_turn, gives_outputs, new_turn, new_turn_after
from executions.record import outbox, rows, sql
from executions.record.announcing import Announcement
from executions.record.changes import stage
from executions.record.files import keep_turn_outputs
from executions.record.flow_source import running_flow
from executions.record.rows import Kept
from executions.record.transitions import MakeEvent, Transition, locked
from workers.queue import orders, tickets
from workers.queue.kinds import Claimant


@dataclass(slots=True)
class Outcome:
    """What became of an event. `refused` says why nothing changed."""

    execution: Execution
    refused: str | None = None


class Family:
    """Executions that were locked, and what changes with them: turns that begin, and the loops of turns that end.

    Of turns only those of one loop: locks go upwards, and what holds the lock of a loop never waits for a turn's.
    """

    def __init__(self, *roots: Transition) -> None:
        self._members = {root.execution.id: root for root in roots}
        self._told: set[str] = set()

    def __iter__(self) -> Iterator[Transition]:
        return iter(self._members.values())

    def __contains__(self, execution_id: str) -> bool:
        return execution_id in self._members

    def finish(self, pipeline: Pipeline | None = None) -> None:
        """Write, and settle what follows: the whole end of a transition that claims nothing."""
        self.settle(self.write(pipeline or Pipeline()))

    def write(self, pipeline: Pipeline, claim: Claimant | None = None) -> list[list[Row]]:
        """Send everything, after what the caller has put into the trip and before the claim of a worker."""
        self._take_along()
        for each in self:
            stage(pipeline, each.kept, each.ledger, each.changes)
        if claim is not None:
            claim.add(pipeline)
        return pipeline.run()

    def settle(self, results: Sequence[Sequence[Row]], taken: Iterable[str] = ()) -> None:
        """After `write`: see to what follows the commit. `taken` are groups whose new job was just claimed."""
        kills = [row for each in self if each.changes.kills >= 0 for row in results[each.changes.kills]]
        if kills:
            after_commit(lambda: orders.send_kills(kills))
        groups = [job.group_key for each in self for job in each.changes.jobs]
        for group in taken:
            if group in groups:
                groups.remove(group)
        events = [event.id for each in self for event in each.changes.due if event.due_at <= each.at]
        announcements = [told for each in self if (told := each.announcement()) is not None]
        (tenant,) = {each.tenant for each in self}
        after_commit(lambda: _follow(tenant, groups, events, announcements))

    def _take_along(self) -> None:
        """A turn begins with what orders it, and its end is its loop's: one transaction, whose locks go upwards only.

        So a turn is counted once, and the answer to a report may carry the first job of the next turn.
        """
        begun, waiting = 0, deque(self)
        while waiting:
            each = waiting.popleft()
            for order in each.changes.take_turns():
                waiting.append(self._begin_turn(each, order))
                begun += 1
            if each.changes.has_ended and each.execution.loop_run is not None and each.execution.id not in self._told:
                self._told.add(each.execution.id)
                waiting.extend(self._tell_loop(each, opens_more=begun < MOST_AT_ONCE))

    def _begin_turn(self, loop: Transition, order: TurnOrder) -> Transition:
        return self.add_turn(loop, new_turn(loop.execution, order, id=new_id(), at=loop.at))

    def add_turn(self, loop: Transition, record: Execution) -> Transition:
        """A new turn of a member that has a loop."""
        run = record.loop_run or {}
        kept = Kept(record, loop.kept.revision_id, run["taskRunId"], run["index"], 1, 0)
        turn = Transition(kept, loop.running.turn(run["taskId"]), loop.at, is_new=True, outer=loop.ledger)
        turn.fold(lambda at, seed: ev.TurnBegan(at=at, seed=seed))
        self._members[record.id] = turn
        return turn

    def _tell_loop(self, turn: Transition, *, opens_more: bool) -> list[Transition]:
        """The loop it belongs to, which has counted it; nothing when that was deleted."""
        record = turn.execution
        if record.frame.get("stored") and gives_outputs(record.state) and record.outputs is not None:
            record.outputs = {"uri": keep_turn_outputs(record)}
        loop = self._members.get(record.parent_id or "") or _locked_loop(record)
        if loop is None:
            return []
        self._members[loop.execution.id] = loop
        loop.fold(lambda at, seed: end_of_turn(record, at=at, seed=seed, opens_more=opens_more))
        return [loop]


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
    family = Family(loop)
    family.add_turn(loop, new_turn_after(turn.record, id=new_id(), at=loop.at))
    family.finish()


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
        Family(transition).finish()
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
