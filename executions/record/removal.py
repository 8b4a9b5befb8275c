"""The one way in which what has ended is deleted: a few statements for all of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import after_commit, current_tenant
from executions.record import sql
from executions.record.turns_below import TurnBelow, turns_below, withdraw_jobs
from stores.storage.keys import execution_prefix
from workers.queue import orders


@dataclass(frozen=True, slots=True)
class Over:
    """An execution that has ended, with all that runs after its end."""

    id: str
    namespace: str
    flow_id: str
    state: str


@dataclass(frozen=True, slots=True)
class Parts:
    """What of it goes."""

    executions: bool = True
    logs: bool = True
    metrics: bool = True


@dataclass(frozen=True, slots=True)
class Removed:
    """How many rows went, and whose files are left to the caller."""

    executions: int
    task_runs: int
    logs: int
    metrics: int
    owners: Sequence[Over | TurnBelow]

    @property
    def prefixes(self) -> list[str]:
        """How the keys of their files begin; inside the tenant's scope."""
        tenant = current_tenant()
        return [execution_prefix(tenant, each.namespace, each.flow_id, each.id) for each in self.owners]


def hold_over(execution_ids: Sequence[str]) -> list[Over]:
    """Those of them that are over, locked in one order everywhere until the end of the transaction."""
    pipeline = Pipeline()
    place = pipeline.add(sql.HOLD_OVER, [list(execution_ids)])
    return [Over(*row) for row in pipeline.run()[place]]


def remove_over(over: Sequence[Over], parts: Parts) -> Removed:
    """Delete parts of executions that the caller holds, with those of the turns of their loops."""
    turns = turns_below([each.id for each in over])
    gone = [*(each.id for each in over), *(turn.id for turn in turns)]
    # Written down once for all statements, as the database writes a list of words that need no quotes.
    these = f"{{{','.join(gone)}}}"
    pipeline = Pipeline()
    kills: list[int] = []
    runs = rows = -1
    if parts.executions:
        kills = withdraw_jobs(pipeline, turns)
        runs, _, _, rows = [pipeline.add(statement, [these]) for statement in sql.DELETE_OVER]
    logs = pipeline.add(sql.DELETE_LOGS_OF, [these]) if parts.logs else -1
    metrics = pipeline.add(sql.DELETE_METRICS_OF, [these]) if parts.metrics else -1
    results = pipeline.run() if gone else []
    killed = [row for place in kills for row in results[place]]
    if killed:
        after_commit(lambda: orders.send_kills(killed))

    def count(place: int) -> int:
        return int(results[place][0][0]) if place >= 0 and results else 0

    return Removed(count(rows), count(runs), count(logs), count(metrics), [*over, *turns])
