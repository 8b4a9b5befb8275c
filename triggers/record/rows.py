"""A row for each trigger of each flow: made, changed and removed with the flow, in the flow's own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from control_plane.kernel.words.clock import now
from executions.record.flow_source import running_revision
from flows.hooks import FlowChanged
from flows.model.flow import Flow
from plugins.contracts import PluginError
from plugins.contracts import Trigger as Document
from plugins.triggers.flow import DEFAULT_STATES
from plugins.triggers.flow import Flow as FlowTrigger
from plugins.triggers.kinds import ClockTrigger, PollingTrigger, RealtimeTrigger
from plugins.triggers.webhook import Webhook
from triggers.firing.facts import facts_of
from triggers.models import Trigger

_TIMING = ("type", "cron", "withSeconds", "timezone", "dates", "when", "conditions", "scheduleConditions", "interval")
"""What decides on the dates of a trigger: when none of it has changed, a date that is due stays due."""


def follow_flow(change: FlowChanged) -> None:
    """Let the rows be what the flow says now. What somebody did to one here stays, unless the flow says otherwise."""
    rows = Trigger.objects.select_for_update().filter(namespace=change.namespace, flow_id=change.flow_id)
    kept = {row.trigger_id: row for row in rows}
    flow = change.flow
    written = _written(flow) if flow is not None else {}
    gone = [row.pk for name, row in kept.items() if name not in written]
    if gone:
        Trigger.objects.filter(pk__in=gone).delete()
    if flow is not None:
        at = now()
        for trigger in flow.triggers:
            row = kept.get(trigger.id) or Trigger(
                namespace=change.namespace, flow_id=change.flow_id, trigger_id=trigger.id
            )
            row.revision, row.revision_id = change.revision, change.revision_id
            _take(row, flow, trigger, written[trigger.id], at)


def _written(flow: Flow) -> dict[str, dict[str, Any]]:
    """Each trigger as its author wrote it."""
    return {each["id"]: each for each in flow.document.get("triggers") or ()}


def _take(row: Trigger, flow: Flow, trigger: Document, written: dict[str, Any], at: datetime) -> None:
    is_new = row._state.adding
    before: Mapping[str, Any] = {} if is_new else row.document
    was_off, was_disabled = row.is_off, bool(before.get("disabled"))
    row.type, row.kind, row.document = trigger.type, kind_of(trigger), written
    row.is_off = flow.disabled or trigger.disabled
    if is_new or was_disabled != trigger.disabled:
        row.is_disabled = trigger.disabled
    row.allows_concurrent = trigger.allow_concurrent
    row.listens_to = (
        [state.value for state in trigger.states or DEFAULT_STATES] if isinstance(trigger, FlowTrigger) else []
    )
    row.stop_after = [state.value for state in trigger.stop_after]
    row.updated_at = at
    is_moved = is_new or (was_off and not row.is_off) or any(before.get(key) != written.get(key) for key in _TIMING)
    if before != written and row.evaluation_id is not None:
        # What looks now does so by what was written before.
        row.evaluation_id, is_moved = None, True
    if row.is_off:
        row.next_at, row.problem = None, None
    elif is_moved:
        set_next_date(row, trigger, at, is_first=is_new)
    set_due(row, at)
    row.save()


def kind_of(trigger: Document) -> str:
    for kind, name in _KINDS:
        if isinstance(trigger, kind):
            return name
    return "OTHER"


_KINDS: tuple[tuple[type[Document], str], ...] = (
    (ClockTrigger, "SCHEDULE"),
    (PollingTrigger, "POLLING"),
    (RealtimeTrigger, "REALTIME"),
    (FlowTrigger, "FLOW"),
    (Webhook, "WEBHOOK"),
)


def set_next_date(row: Trigger, trigger: Document, at: datetime, *, is_first: bool) -> None:
    """The date after this moment. One whose dates cannot be told has none and says why; no save fails for it."""
    row.problem = None
    if not isinstance(trigger, ClockTrigger):
        row.next_at = _first_look(trigger, at)
        return
    facts = facts_of(running_revision(row.revision_id).compiled, at)
    try:
        row.next_at = trigger.first_date(at, facts) if is_first else trigger.next_date(at, at, facts)
    except PluginError as error:
        row.next_at, row.problem = None, str(error)


def _first_look(trigger: Document, at: datetime) -> datetime | None:
    if isinstance(trigger, RealtimeTrigger):
        return at
    return at + trigger.interval if isinstance(trigger, PollingTrigger) else None


def set_due(row: Trigger, at: datetime) -> None:
    """When somebody has to look, given everything else; never earlier than now. The look at one that is off is over."""
    if row.is_off or row.is_disabled:
        row.due_at = row.evaluation_id = None
    elif row.execution_id is not None or row.evaluation_id is not None:
        row.due_at = None
    elif row.backfill is not None and not row.backfill["paused"]:
        row.due_at = at
    else:
        row.due_at = max(row.next_at, at) if row.next_at is not None else None
