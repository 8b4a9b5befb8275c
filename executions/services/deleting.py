"""Delete many executions at once that are over."""

from __future__ import annotations

from collections.abc import Sequence

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import after_commit
from executions.permissions import EXECUTION
from executions.record.files import forget_below
from executions.record.removal import Over, Parts, hold_over, remove_over


def held_ones_that_are_over(ctx: Context, *, execution_ids: Sequence[str]) -> list[Target]:
    """Those of them that are over. The others are left to whoever deletes one."""
    return [Target(each, each.namespace) for each in hold_over(execution_ids)]


@command(EXECUTION.DELETE, on=held_ones_that_are_over)
def delete_what_is_over(
    ctx: Context,
    *,
    execution_ids: Sequence[str],
    deletes_logs: bool = True,
    deletes_metrics: bool = True,
    deletes_storage: bool = True,
) -> list[str]:
    """Remove them with all they left behind; return which they were. Nothing of them runs any more."""
    over: list[Over] = ctx.target  # type: ignore[assignment]  # its resolver returns a list
    removed = remove_over(over, Parts(logs=deletes_logs, metrics=deletes_metrics))
    for each in over:
        before = {"id": each.id, "flowId": each.flow_id, "state": each.state}
        ctx.record(EXECUTION.name, each.id, namespace=each.namespace, before=before)
    if deletes_storage:
        prefixes = removed.prefixes
        after_commit(lambda: forget_below(prefixes))
    return [each.id for each in over]
