"""Flow triggers hear of executions of other flows: each change once, in one transaction with what it starts."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import ControlPlaneError
from executions.record.flow_source import RunningFlow, running_revision
from executions.record.sql import OF_THIS_TENANT
from executions.starts.begin import Blocked
from executions.starts.crossing import require_sight
from flows.expressions import ExpressionError
from plugins.conditions.facts import Facts
from plugins.contracts import PluginError
from plugins.triggers.flow import Flow as FlowTrigger
from plugins.triggers.hearing import hear
from triggers.firing.launching import Launch, inputs_of, started
from triggers.listening.upstream import Upstream, upstream_of
from triggers.models import FlowWindow, Trigger

logger = logging.getLogger(__name__)

AT_ONCE = 200

_DUE = "SELECT tenant_id, id FROM trigger_change ORDER BY at LIMIT %s"
_TAKE = f"""
DELETE FROM trigger_change WHERE id = (
    SELECT id FROM trigger_change WHERE id = %s AND {OF_THIS_TENANT} FOR UPDATE SKIP LOCKED)
RETURNING execution_id, state"""


class Loops(PluginError):
    """The flow has led to the execution that would start it."""


def hear_changes() -> bool:
    """Whether there may be more. Any number may listen: who takes a change starts what it starts, or it stays."""
    pipeline = Pipeline()
    with across_tenants("changes of executions that triggers of any tenant listen to"):
        place = pipeline.add(_DUE, [AT_ONCE])
        due = pipeline.run()[place]
    for tenant, change_id in due:
        try:
            hear_change(tenant, change_id)
        except Exception:
            logger.exception("a change of an execution is heard of later")
    return len(due) == AT_ONCE


def hear_change(tenant: str, change_id: str) -> None:
    with tenant_scope(tenant):
        pipeline = Pipeline()
        place = pipeline.add(_TAKE, [change_id])
        for execution_id, state in pipeline.run()[place]:
            upstream = upstream_of(execution_id, state, now())
            if upstream is not None:
                _tell_all(upstream)


def _tell_all(upstream: Upstream) -> None:
    """In one order everywhere; what one of them makes of it keeps no other from hearing."""
    rows = Trigger.objects.filter(kind="FLOW", is_off=False, is_disabled=False, listens_to__contains=[upstream.state])
    for row in rows.order_by("pk"):
        try:
            with transaction.atomic():
                _tell(row, upstream)
        except Exception:
            logger.exception("trigger %s could not hear of execution %s", row.pk, upstream.kept.record.id)
            _note(row, "It could not hear of an execution because of an internal error")


def _tell(row: Trigger, upstream: Upstream) -> None:
    record = upstream.kept.record
    if (record.namespace, record.flow_id) == (row.namespace, row.flow_id):
        return
    try:
        running = running_revision(row.revision_id)
        trigger = running.compiled.flow.trigger(row.trigger_id)
        if not isinstance(trigger, FlowTrigger):
            return
        facts = upstream.facts_for(row)
        if not _fires(row, trigger, facts, upstream.at):
            return
        _check(row, upstream)
        _start(row, running, trigger, facts, upstream)
    except (PluginError, ExpressionError, ControlPlaneError) as error:
        _note(row, getattr(error, "message", None) or str(error))


def _fires(row: Trigger, trigger: FlowTrigger, facts: Facts, at: datetime) -> bool:
    """What its windows remember is held while it is changed."""
    if not any(True for _ in trigger.windows()):
        return hear(trigger, facts, {}, at).fires
    Trigger.objects.select_for_update().get(pk=row.pk)
    kept = {each.window_id: each for each in FlowWindow.objects.filter(trigger_id=row.pk)}
    heard = hear(trigger, facts, {name: each.record for name, each in kept.items()}, at)
    for name, record in heard.records.items():
        window = kept.get(name) or FlowWindow(trigger_id=row.pk, window_id=name)
        window.take(record)
        window.save()
    return heard.fires


def _check(row: Trigger, upstream: Upstream) -> None:
    """Raises MayNotCross and Loops."""
    record, own = upstream.kept.record, f"{row.namespace}.{row.flow_id}"
    require_sight(row.namespace, record.namespace)
    if own in upstream.causes:
        path = " > ".join([*upstream.causes[upstream.causes.index(own) :], own])
        raise Loops(f"It would start itself in a circle: {path}", retryable=False)


def _start(row: Trigger, running: RunningFlow, trigger: FlowTrigger, facts: Facts, upstream: Upstream) -> None:
    launch = Launch(
        running,
        row.revision,
        row.revision_id,
        trigger,
        facts,
        upstream.at,
        upstream.variables,
        resolves=bool(trigger.inputs) or _needs_nothing(running),
    )
    if launch.resolves:
        inputs_of(launch)  # raises before anything is written: one whose inputs cannot be made starts nothing
    try:
        started(launch)
    except Blocked as error:
        _note(row, f"A check of the flow does not let it begin: {error.message}")
        return
    Trigger.objects.filter(pk=row.pk).update(fired_at=upstream.at, evaluated_at=upstream.at, problem=None)


def _needs_nothing(running: RunningFlow) -> bool:
    """Whether defaults can fill every input: a trigger that gives none is not held back by those it does not name."""
    return all(each.defaults is not None or not each.required for each in running.compiled.flow.inputs)


def _note(row: Trigger, problem: str) -> None:
    Trigger.objects.filter(pk=row.pk).update(problem=problem[:1000], evaluated_at=now())
