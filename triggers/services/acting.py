"""Act on one trigger, or on many in one transaction."""

from __future__ import annotations

from collections.abc import Sequence

from audit.recording.commands import Target, Targets, command
from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import admit
from control_plane.kernel.words.clock import now
from triggers import shapes
from triggers.models import Trigger
from triggers.permissions import TRIGGER
from triggers.services.acts import ACTS, WrongState
from triggers.services.targets import Name, locked_trigger, named_triggers


def trigger_for(ctx: Context, *, verb: str, name: Name) -> Targets:
    """One, asking for the verb's own right."""
    right = ACTS[verb].right
    return Targets([locked_trigger(name, right)], right)


def triggers_for(ctx: Context, *, verb: str, names: Sequence[Name]) -> Targets:
    right = ACTS[verb].right
    admit(ctx, right)
    return Targets([Target(row, row.namespace, permission=right) for row in named_triggers(ctx, right, names)], right)


@command(TRIGGER.UPDATE, on=trigger_for)
def act_on_trigger(ctx: Context, *, verb: str, name: Name) -> Trigger:
    """Raises WrongState when it is in no state for this."""
    rows: list[Trigger] = ctx.target_as(list)
    (row,) = rows
    _do(ctx, verb, row)
    return row


@command(TRIGGER.UPDATE, on=triggers_for)
def act_on_triggers(ctx: Context, *, verb: str, names: Sequence[Name]) -> int:
    """All of them at once; one that is in no state for this is left as it is. How many were changed."""
    changed = 0
    for row in ctx.target_as(list):
        try:
            _do(ctx, verb, row)
        except WrongState:
            continue
        changed += 1
    return changed


def _do(ctx: Context, verb: str, row: Trigger) -> None:
    before = shapes.state(row)
    ACTS[verb].do(row, now())
    ctx.record(
        TRIGGER.name,
        row.pk,
        namespace=row.namespace,
        before=before,
        after=shapes.state(row),
        flowId=row.flow_id,
        triggerId=row.trigger_id,
        verb=verb,
    )
