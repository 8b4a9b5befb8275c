"""Fires triggers on the clock. Any number of schedulers may run: a date of a trigger is a row under a unique key."""

from __future__ import annotations

import logging
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import Counter, Histogram

from control_plane.kernel.crashpoints import crashpoint
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, current_tenant, tenant_scope
from control_plane.kernel.words.clock import now as time_now
from control_plane.kernel.words.errors import ControlPlaneError
from control_plane.kernel.words.ids import new_id
from executions.record.flow_source import RunningFlow, running_revision
from executions.record.rows import dumps_or_none
from executions.record.sql import OF_THIS_TENANT
from executions.starts.begin import Blocked
from plugins.conditions.facts import Facts
from plugins.contracts import PluginError
from plugins.triggers.fires import Fire
from plugins.triggers.kinds import ClockTrigger
from plugins.triggers.turn import Turn
from triggers.firing.clock_turns import due_after, take, turn_of
from triggers.firing.facts import facts_of
from triggers.firing.launching import Launch, started
from triggers.models import Trigger

logger = logging.getLogger(__name__)

fired = Counter("orrery_trigger_fires", "Executions that triggers on the clock have started")
lateness = Histogram("orrery_trigger_lateness_seconds", "How late a trigger fired", buckets=(0.1, 0.25, 0.5, 1, 5, 30))

AT_ONCE = 500
BATCH = 25
"""Fires in one transaction."""
AGAIN = timedelta(minutes=1)
"""When to look again at one that could not be fired for a reason that is none of its own."""

_DUE = """
SELECT tenant_id, id FROM flow_trigger WHERE due_at <= %s AND kind = 'SCHEDULE' ORDER BY due_at LIMIT %s"""

_INSERT_FIRE = """
INSERT INTO trigger_fire (id, tenant_id, trigger_id, run, date, execution_id, at) VALUES (%s, %s, %s, %s, %s, %s, %s)"""

_SAVE = f"""
UPDATE flow_trigger SET next_at = %s, due_at = %s, evaluated_at = %s, fired_at = %s, execution_id = %s, problem = %s,
  backfill = %s::jsonb, recovered = %s::jsonb, updated_at = %s WHERE id = %s AND {OF_THIS_TENANT}"""

Start = Callable[[Launch, Pipeline], object]


@dataclass(frozen=True, slots=True)
class Looked:
    """A trigger that was looked at."""

    row: Trigger
    trigger: ClockTrigger
    running: RunningFlow
    facts: Facts
    turn: Turn


@dataclass(frozen=True, slots=True)
class Scheduler:
    """`start` begins an execution with the trip that says the trigger has fired.

    One that helps looks only when more than so many are due, and takes them in an order of its own: most of a fire is
    waiting for the database, which several may do at the same time.
    """

    clock: Callable[[], datetime] = time_now
    start: Start = started
    at_once: int = AT_ONCE
    helps_beyond: int = 0

    def fire_due(self) -> bool:
        """Fire what is due; whether there may be more."""
        now = self.clock()
        pipeline = Pipeline()
        with across_tenants("triggers of all tenants that are due"):
            place = pipeline.add(_DUE, [now, self.at_once])
            due = pipeline.run()[place]
        if len(due) <= self.helps_beyond:
            return False
        batches = list(_batches(due))
        if self.helps_beyond:
            random.shuffle(batches)
        for tenant, ids in batches:
            self._fire_batch(tenant, ids, now)
        return len(due) == self.at_once

    def _fire_batch(self, tenant: str, ids: Sequence[str], now: datetime) -> None:
        """In one transaction; when one of them spoils it, each in its own, and the one that spoils it waits."""
        try:
            with tenant_scope(tenant):
                for row in _held(ids, now):
                    self._look(row, now)
                crashpoint("fires written")
        except Exception:
            if len(ids) > 1:
                for each in ids:
                    self._fire_batch(tenant, [each], now)
            else:
                logger.exception("trigger %s of %s could not be fired", ids[0], tenant)
                _put_off(tenant, ids[0], now)

    def _look(self, row: Trigger, now: datetime) -> None:
        try:
            running = running_revision(row.revision_id)
            trigger = running.compiled.flow.trigger(row.trigger_id)
        except ControlPlaneError as error:
            _write_broken(row, f"The flow cannot be read: {error.message}", now)
            return
        if not isinstance(trigger, ClockTrigger):
            _write_broken(row, "It is no trigger on the clock", now)
            return
        facts = facts_of(running.compiled, now)
        try:
            turn = turn_of(row, trigger, now, facts)
        except PluginError as error:
            _write_broken(row, str(error), now)
            return
        self._write(Looked(row, trigger, running, facts, turn), now)

    def _write(self, looked: Looked, now: datetime) -> None:
        row, turn, fire = looked.row, looked.turn, looked.turn.fire
        run = _run_of(row)
        launch = _launch(looked, fire, now) if fire is not None else None
        take(row, turn, now)
        row.due_at = due_after(row, turn, looked.trigger, looked.facts, now)
        if launch is None or fire is None:
            _save(Pipeline(), row).run()
            return
        if not row.allows_concurrent:
            row.due_at, row.execution_id = None, launch.id
        pipeline = Pipeline()
        pipeline.add(_INSERT_FIRE, [new_id(), current_tenant(), row.pk, run, fire.date, launch.id, now])
        _save(pipeline, row)
        try:
            self.start(launch, pipeline)
        except Blocked as error:
            _unlaunched(looked, f"A check of the flow does not let it begin: {error.message}", now)
            return
        if not run:
            lateness.observe(max(0.0, (now - fire.date).total_seconds()))
        fired.inc()


def _batches(due: Iterable[Sequence[str]]) -> Iterator[tuple[str, list[str]]]:
    """So many of one tenant at once."""
    found: dict[str, list[str]] = defaultdict(list)
    for tenant, trigger_id in due:
        found[tenant].append(trigger_id)
    for tenant, ids in found.items():
        for first in range(0, len(ids), BATCH):
            yield tenant, ids[first : first + BATCH]


def _held(ids: Sequence[str], now: datetime) -> list[Trigger]:
    """Those that are still due and that nobody else holds, in one order everywhere."""
    rows = Trigger.objects.select_for_update(skip_locked=True).filter(pk__in=ids, due_at__lte=now)
    return list(rows.order_by("namespace", "flow_id", "trigger_id"))


def _launch(looked: Looked, fire: Fire, now: datetime) -> Launch:
    row = looked.row
    backfill = row.backfill or {}
    variables = fire.variables()
    return Launch(
        looked.running,
        row.revision,
        row.revision_id,
        looked.trigger,
        looked.facts,
        now,
        variables,
        more={"schedule": variables},
        inputs=backfill.get("inputs") or {},
        labels=backfill.get("labels") or {},
        failure=looked.turn.failure,
        date=fire.date,
    )


def _run_of(row: Trigger) -> str:
    return str(row.backfill["run"]) if row.backfill is not None else ""


def _unlaunched(looked: Looked, reason: str, now: datetime) -> None:
    """The date has passed without an execution."""
    row = looked.row
    row.execution_id, row.problem = None, reason[:1000]
    row.due_at = due_after(row, looked.turn, looked.trigger, looked.facts, now)
    _save(Pipeline(), row).run()


def _write_broken(row: Trigger, reason: str, now: datetime) -> None:
    row.problem, row.evaluated_at, row.updated_at, row.due_at = reason[:1000], now, now, now + AGAIN
    _save(Pipeline(), row).run()


def _save(pipeline: Pipeline, row: Trigger) -> Pipeline:
    values: list[Any] = [row.next_at, row.due_at, row.evaluated_at, row.fired_at, row.execution_id, row.problem]
    pipeline.add(_SAVE, [*values, dumps_or_none(row.backfill), dumps_or_none(row.recovered), row.updated_at, row.pk])
    return pipeline


def _put_off(tenant: str, trigger_id: str, now: datetime) -> None:
    """So that what fails for a reason nobody foresaw is not tried in a circle."""
    try:
        with tenant_scope(tenant):
            Trigger.objects.filter(pk=trigger_id, due_at__lte=now).update(
                due_at=now + AGAIN, problem="It could not be fired because of an internal error"
            )
    except Exception:
        logger.exception("trigger %s of %s could not be put off", trigger_id, tenant)
