"""Flow triggers hear of executions of other flows: each change once, in one transaction with what it starts."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, current_tenant, tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import ControlPlaneError
from control_plane.kernel.words.ids import new_id
from executions.engine.flow_triggers import Begin, judge, start_by
from executions.record.families import Family
from executions.record.files import keepers
from executions.record.flow_source import RunningFlow, running_revision
from executions.record.lines import Line
from executions.record.secret_inputs import sealing
from executions.record.sql import OF_THIS_TENANT
from executions.record.transitions import locked
from executions.starts.begin import Blocked, Start, begin
from executions.starts.crossing import require_sight
from executions.starts.inputs import resolve_values
from flows.expressions import ExpressionError
from plugins.contracts import LogLevel, PluginError
from plugins.triggers.flow import Flow as FlowTrigger
from plugins.triggers.hearing import hear
from triggers.firing.facts import environment_at
from triggers.firing.telling import tell_start
from triggers.listening.upstream import Upstream, changed_execution
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
            upstream = changed_execution(execution_id, state, now())
            if upstream is not None:
                _tell_all(upstream)


def _tell_all(upstream: Upstream) -> None:
    """In one order everywhere; what one of them makes of it keeps no other from hearing."""
    rows = Trigger.objects.filter(
        kind="FLOW", is_off=False, is_disabled=False, listens_to__contains=[upstream.state.value]
    )
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
        if isinstance(trigger, FlowTrigger):
            _judge(Listening(row, trigger, running), upstream)
    except (PluginError, ExpressionError, ControlPlaneError) as error:
        _note(row, getattr(error, "message", None) or str(error))


@dataclass(frozen=True, slots=True)
class Listening:
    """A Flow trigger, and the flow that it starts."""

    row: Trigger
    trigger: FlowTrigger
    running: RunningFlow


def _judge(listening: Listening, upstream: Upstream) -> None:
    environment = environment_at(upstream.at)
    judged = judge(listening.trigger, listening.running.compiled, upstream.seen, environment)
    if judged.warning is not None:
        _warn(upstream, judged.warning)
        _note(listening.row, judged.warning)
    if not judged.is_fit:
        return
    others = _met_before(listening, judged.met, upstream)
    if others is None:
        return
    _check(listening.row, upstream)
    order = start_by(listening.trigger, listening.running.compiled, upstream.seen, environment, others)
    _start(listening, order, upstream.at)


Outputs = dict[tuple[str, str], Mapping[str, Any]]


def _met_before(listening: Listening, met: Mapping[str, frozenset[str]], upstream: Upstream) -> Outputs | None:
    """What the executions before this one brought, once it fires. What a window remembers is held while it changes."""
    row, trigger = listening.row, listening.trigger
    if not any(True for _ in trigger.windows()):
        return {}
    Trigger.objects.select_for_update().get(pk=row.pk)
    kept = {each.window_id: each for each in FlowWindow.objects.filter(trigger_id=row.pk)}
    heard = hear(trigger, met, {name: each.record for name, each in kept.items()}, upstream.at)
    before: Outputs = {}
    for name, record in heard.records.items():
        window = kept.get(name) or FlowWindow(trigger_id=row.pk, window_id=name)
        found = window.brought_since(record.start)
        before |= {(each["namespace"], each["flowId"]): each["outputs"] for each in found}
        window.remember(record, dict(upstream.seen.shown), upstream.at)
        window.save()
    return before if heard.fires else None


def _check(row: Trigger, upstream: Upstream) -> None:
    """Raises MayNotCross and Loops."""
    own = f"{row.namespace}.{row.flow_id}"
    require_sight(row.namespace, upstream.kept.record.namespace)
    if own in upstream.causes:
        path = " > ".join([*upstream.causes[upstream.causes.index(own) :], own])
        raise Loops(f"It would start itself in a circle: {path}", retryable=False)


def _start(listening: Listening, order: Begin, at: datetime) -> None:
    """Raises Invalid for inputs that do not fit: nothing starts then."""
    row, running = listening.row, listening.running
    tenant, execution_id = current_tenant(), new_id()
    values: dict[str, Any] = {}
    if order.inputs or _needs_nothing(running):
        stored = keepers(tenant, row.namespace, row.flow_id, execution_id)
        values = resolve_values(running.compiled, order.inputs, at, sealing(tenant, row.namespace, row.flow_id, stored))
    start = Start(
        revision=row.revision,
        revision_id=row.revision_id,
        tenant=tenant,
        at=at,
        id=execution_id,
        inputs=values,
        labels=order.labels,
        trigger=order.trigger,
    )
    try:
        tell_start(begin(running, start), executionId=order.trigger["variables"]["executionId"])
    except Blocked as error:
        _note(row, f"A check of the flow does not let it begin: {error.message}")
        return
    Trigger.objects.filter(pk=row.pk).update(fired_at=at, evaluated_at=at, problem=None)


def _needs_nothing(running: RunningFlow) -> bool:
    """Whether defaults can fill every input: a trigger that gives none is not held back by those it does not name."""
    return all(each.defaults is not None or not each.required for each in running.compiled.flow.inputs)


def _warn(upstream: Upstream, text: str) -> None:
    """Into the log of the execution that was heard of."""
    transition = locked(upstream.kept.record.id).transition
    transition.add_lines([Line(upstream.at, LogLevel.WARN.value, text)])
    Family(transition).finish()


def _note(row: Trigger, problem: str) -> None:
    Trigger.objects.filter(pk=row.pk).update(problem=problem[:1000], evaluated_at=now())
