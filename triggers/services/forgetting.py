"""Forget what the workers that looked at a trigger have said."""

from __future__ import annotations

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from executions.permissions import EXECUTION
from triggers.models import Trigger
from triggers.services.targets import Name, named_trigger


@command(EXECUTION.DELETE, on=named_trigger)
def forget_lines(ctx: Context, *, name: Name) -> int:
    """How many lines that were. Those of its executions stay with these."""
    row = ctx.target_as(Trigger)
    count, row.said = len(row.said), []
    row.save(update_fields=["said"])
    ctx.record(
        EXECUTION.name,
        "",
        namespace=row.namespace,
        logsDeleted=count,
        flowId=row.flow_id,
        triggerId=row.trigger_id,
    )
    return count
