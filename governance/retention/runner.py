"""Carries out runs batch by batch: what is done is counted in the transaction that does it, so another may go on."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import islice

from django.db import OperationalError

from audit.recording.trail import Action, append
from control_plane.kernel.actor import Actor, ActorKind, Context
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.ids import new_id
from executions.queries.expiring import expired_executions, expired_figures, expired_lines
from governance.conf import RETENTION
from governance.models import RetentionRun
from governance.retention.deciding import Step, step_from
from governance.retention.erasing import next_batch
from governance.retention.files import Stored, doomed, forget_all, place_of, walk
from governance.retention.rules import Kind
from governance.retention.runs import State, close, hold, let_go, next_to_work_on, outcome

logger = logging.getLogger(__name__)

_COUNTED = {
    Kind.EXECUTIONS: expired_executions,
    Kind.LOGS: expired_lines,
    Kind.METRICS: expired_figures,
}


class Runner:
    """One process's. Any number may be there: one of them works."""

    def __init__(self) -> None:
        self._me = new_id()
        self._walk: tuple[str, Iterator[Stored]] | None = None

    def carry_on(self, turn: timedelta = RETENTION.turn) -> bool:
        """Work on one run for a while; whether there may be more to do."""
        found = next_to_work_on(self._me)
        if found is None:
            return False
        tenant, run_id = found
        until = time.monotonic() + turn.total_seconds()
        try:
            while self._advance(tenant, run_id):
                if time.monotonic() >= until:
                    with tenant_scope(tenant):
                        let_go(run_id, self._me)
                    break
        except OperationalError:
            raise  # the database is away: later
        except Exception as error:
            logger.exception("run %s of retention failed", run_id)
            self._give_up(tenant, run_id, str(error)[:500])
        return True

    def _advance(self, tenant: str, run_id: str) -> bool:
        """Do the next batch; False when the run has ended, or is another's."""
        with tenant_scope(tenant):
            run = self._held(run_id)
            if run is None:
                return False
            steps = [step_from(each) for each in run.steps]
            if run.step < len(steps):
                _do(run, steps[run.step])
                return True
        return self._sweep(tenant, run, steps)

    def _held(self, run_id: str) -> RetentionRun | None:
        return RetentionRun.objects.get(pk=run_id) if hold(run_id, self._me) else None

    def _sweep(self, tenant: str, run: RetentionRun, steps: list[Step]) -> bool:
        """The last step: what in the storage belongs to nobody any more. No transaction is open while files go, and
        what is said to have gone may be told a second time after a crash, when nothing is found."""
        part = self._next_part(tenant, run)
        with tenant_scope(tenant):
            gone = doomed(part, steps, run.started_at - RETENTION.grace)
        forget_all(gone)
        with tenant_scope(tenant):
            held = self._held(run.id)
            if held is None:
                return False
            _count(held, {Kind.FILES: sum(each.count for each in gone.folders)})
            _count(held, {Kind.NAMESPACE_FILES: len(gone.contents)})
            held.cursor = place_of(part[-1]) if part else held.cursor
            held.save(update_fields=["counts", "cursor"])
            if len(part) < RETENTION.at_once:
                _end(held, State.DONE)
        return len(part) == RETENTION.at_once

    def _next_part(self, tenant: str, run: RetentionRun) -> list[Stored]:
        """The storage is walked through once, by whoever goes on with it from where the last one was."""
        if self._walk is None or self._walk[0] != run.id:
            self._walk = (run.id, walk(tenant, run.namespace, run.cursor))
        part = list(islice(self._walk[1], RETENTION.at_once))
        if len(part) < RETENTION.at_once:
            self._walk = None
        return part

    def _give_up(self, tenant: str, run_id: str, why: str) -> None:
        self._walk = None
        with tenant_scope(tenant):
            run = self._held(run_id)
            if run is not None:
                _end(run, State.FAILED, why)


def _do(run: RetentionRun, step: Step) -> None:
    """One batch of a step. Files of executions are left to the last step, which looks at each file once."""
    if step.kind is Kind.FILES:
        run.step += 1
    else:
        if not run.cursor and step.kind in _COUNTED:
            waiting = _COUNTED[step.kind](step.expired).count()
            run.expected[step.kind.value] = run.expected.get(step.kind.value, 0) + waiting
        batch = next_batch(step, run.cursor)
        _count(run, batch.counts)
        run.cursor = batch.cursor
        run.step += 0 if batch.cursor else 1
    run.save(update_fields=["counts", "expected", "cursor", "step"])


def _count(run: RetentionRun, counts: Mapping[Kind, int]) -> None:
    for kind, count in counts.items():
        if count:
            run.counts[kind.value] = run.counts.get(kind.value, 0) + count


def _end(run: RetentionRun, state: State, failure: str = "") -> None:
    """One entry tells of the whole run, as of whoever asked for it."""
    close(run, state, failure)
    by = Actor(ActorKind(run.actor["kind"]), run.actor["id"], run.actor["name"])
    append(Context(by, run.tenant_id), [outcome(run)], action=Action.DELETE, by="governance.retention.runner")
