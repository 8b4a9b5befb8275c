"""Delete many executions at once that are over: a few statements for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import after_commit, current_tenant
from executions.permissions import EXECUTION
from executions.record import sql
from executions.record.files import forget_below
from executions.record.turns_below import turns_below, withdraw_jobs
from stores.storage.keys import execution_prefix
from workers.queue import orders


@dataclass(frozen=True, slots=True)
class Over:
    """An execution that has ended, with all that runs after its end."""

    id: str
    namespace: str
    flow_id: str
    state: str


def held_ones_that_are_over(ctx: Context, *, execution_ids: Sequence[str]) -> list[Target]:
    """Those of them that are over, locked in one order everywhere. The others are left to whoever deletes one."""
    pipeline = Pipeline()
    place = pipeline.add(sql.HOLD_OVER, [list(execution_ids)])
    return [Target(Over(*row), row[1]) for row in pipeline.run()[place]]


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
    ids = [each.id for each in over]
    turns = turns_below(ids)
    gone = [*ids, *(turn.id for turn in turns)]
    pipeline = Pipeline()
    kills = withdraw_jobs(pipeline, turns)
    for statement in sql.DELETE_OVER:
        pipeline.add(statement, [gone])
    if deletes_logs:
        pipeline.add(sql.DELETE_LOGS_OF, [gone])
    if deletes_metrics:
        pipeline.add(sql.DELETE_METRICS_OF, [gone])
    results = pipeline.run()
    killed = [row for place in kills for row in results[place]]
    if killed:
        after_commit(lambda: orders.send_kills(killed))
    for each in over:
        before = {"id": each.id, "flowId": each.flow_id, "state": each.state}
        ctx.record(EXECUTION.name, each.id, namespace=each.namespace, before=before)
    if deletes_storage:
        tenant = current_tenant()
        owners = [(each.namespace, each.flow_id, each.id) for each in over]
        owners += [(each.namespace, each.flow_id, each.id) for each in turns]
        prefixes = [execution_prefix(tenant, *owner) for owner in owners]
        after_commit(lambda: forget_below(prefixes))
    return ids
