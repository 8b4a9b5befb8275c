"""Asks workers to look at triggers that poll, and to listen for those that listen: one look at a time for each."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from control_plane.kernel.crashpoints import crashpoint
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, after_commit, current_tenant, tenant_scope
from control_plane.kernel.words.clock import now as time_now
from control_plane.kernel.words.errors import ControlPlaneError
from control_plane.kernel.words.ids import new_id
from executions.record.sending import sent
from flows.expressions import ExpressionError, render
from plugins.contracts import PluginError
from plugins.contracts.worker_selectors import WantedWorkers, wanted_workers
from plugins.triggers.kinds import RealtimeTrigger
from triggers.firing.facts import environment_at, scope_of
from triggers.looking.evaluations import Watched, conclude_unread, is_wanted, put_off, watched
from triggers.models import Trigger
from workers.models import Job
from workers.queue import queue, tickets
from workers.queue.queue import NewJob

logger = logging.getLogger(__name__)

AT_ONCE = 500
BATCH = 25
SOON = timedelta(milliseconds=500)
"""When to ask again for one whose last look a worker has not let go of yet."""
AGAIN = timedelta(minutes=1)

_DUE = """
SELECT tenant_id, id FROM flow_trigger
WHERE due_at <= %s AND kind IN ('POLLING', 'REALTIME') AND evaluation_id IS NULL ORDER BY due_at LIMIT %s"""


@dataclass(frozen=True, slots=True)
class Asker:
    clock: Callable[[], datetime] = time_now
    at_once: int = AT_ONCE

    def ask_for_due(self) -> bool:
        """Order a job for each that is due; whether there may be more."""
        now = self.clock()
        pipeline = Pipeline()
        with across_tenants("triggers of all tenants that workers are to look at"):
            place = pipeline.add(_DUE, [now, self.at_once])
            due = pipeline.run()[place]
        found: dict[str, list[str]] = defaultdict(list)
        for tenant, trigger_id in due:
            found[tenant].append(trigger_id)
        for tenant, ids in found.items():
            for first in range(0, len(ids), BATCH):
                _ask_batch(tenant, ids[first : first + BATCH], now)
        return len(due) == self.at_once


def _ask_batch(tenant: str, ids: Sequence[str], now: datetime) -> None:
    """In one transaction; when one of them spoils it, each in its own, and the one that spoils it waits."""
    try:
        with tenant_scope(tenant):
            _ask(ids, now)
            crashpoint("looks ordered")
    except Exception:
        if len(ids) > 1:
            for each in ids:
                _ask_batch(tenant, [each], now)
        else:
            logger.exception("nobody could be asked to look at trigger %s of %s", ids[0], tenant)
            _put_off_for_now(tenant, ids[0], now)


def _ask(ids: Sequence[str], now: datetime) -> None:
    rows = Trigger.objects.select_for_update(skip_locked=True).filter(
        pk__in=ids, due_at__lte=now, evaluation_id__isnull=True
    )
    held = list(rows.order_by("namespace", "flow_id", "trigger_id"))
    busy = set(Job.objects.filter(subject_id__in=[row.pk for row in held]).values_list("subject_id", flat=True))
    orders: list[NewJob] = []
    for row in held:
        if row.pk in busy:
            Trigger.objects.filter(pk=row.pk).update(due_at=now + SOON)
        elif (order := _ordered(row, now)) is not None:
            orders.append(order)
    pipeline = Pipeline()
    queue.order(pipeline, current_tenant(), orders)
    pipeline.run()
    after_commit(lambda: tickets.send([order.group_key for order in orders]))


def _ordered(row: Trigger, now: datetime) -> NewJob | None:
    """None when it is not to be looked at now."""
    try:
        seen = watched(row)
    except (ControlPlaneError, PluginError) as error:
        conclude_unread(row, now, str(error))
        return None
    try:
        if not is_wanted(seen, now):
            put_off(seen, now)
            return None
        workers = _workers(seen, now)
    except (PluginError, ExpressionError) as error:
        put_off(seen, now, str(error))
        return None
    row.evaluation_id, row.due_at, row.said = new_id(), None, []
    row.save(update_fields=["evaluation_id", "due_at", "said"])
    kind = "listen" if isinstance(seen.trigger, RealtimeTrigger) else "trigger"
    job = NewJob(kind=kind, subject_id=row.pk, due_at=now, key=row.evaluation_id)
    return sent(current_tenant(), seen.running.around, job, workers)


def _workers(seen: Watched, now: datetime) -> WantedWorkers | None:
    """Those that the trigger asks for, or else its flow."""
    compiled = seen.running.compiled
    for asks in (seen.trigger, compiled.flow):
        said = {"group": asks.worker_group, "selector": asks.worker_selector}
        said = render(said, scope_of(compiled), environment_at(now))
        if (found := wanted_workers(said["group"], said["selector"])) is not None:
            return found
    return None


def _put_off_for_now(tenant: str, trigger_id: str, now: datetime) -> None:
    """So that what fails for a reason nobody foresaw is not tried in a circle."""
    try:
        with tenant_scope(tenant):
            Trigger.objects.filter(pk=trigger_id, due_at__lte=now, evaluation_id__isnull=True).update(
                due_at=now + AGAIN, problem="No worker could be asked to look because of an internal error"
            )
    except Exception:
        logger.exception("trigger %s of %s could not be put off", trigger_id, tenant)
