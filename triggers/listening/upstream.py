"""The execution that changed, as Flow triggers see it, and the flows that led to it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db import connection

from control_plane.kernel.pipeline import Pipeline
from executions.engine.flow_triggers import Upstream as Seen
from executions.engine.flow_triggers import upstream_of
from executions.record import sql
from executions.record.flow_source import running_flow
from executions.record.ledger import DbLedger
from executions.record.rows import Kept, execution_from
from plugins.contracts import State

DEEPEST = 100
_CAUSES = f"""
WITH RECURSIVE up AS (
    SELECT id, namespace, flow_id, trigger, parent_id, 0 AS height FROM execution WHERE id = %s AND {sql.OF_THIS_TENANT}
    UNION ALL
    SELECT e.id, e.namespace, e.flow_id, e.trigger, e.parent_id, up.height + 1 FROM execution e
    JOIN up ON e.id = COALESCE(up.parent_id, up.trigger -> 'variables' ->> 'executionId')
    WHERE up.height < {DEEPEST} AND e.tenant_id = NULLIF(current_setting('orrery.tenant', true), '')
)
SELECT namespace || '.' || flow_id FROM up ORDER BY height DESC"""


@dataclass
class Upstream:
    """`state` is the one it came into, whatever it is by now."""

    kept: Kept
    state: State
    at: datetime

    @cached_property
    def seen(self) -> Seen:
        ledger = DbLedger(self.kept)
        runs = sorted(ledger.all_task_runs(), key=lambda run: run.seq)
        return upstream_of(running_flow(self.kept).compiled, ledger, runs, self.state)

    @cached_property
    def causes(self) -> list[str]:
        """The flows whose executions led to this one, the first one first, its own last."""
        with connection.cursor() as cursor:
            cursor.execute(_CAUSES, [self.kept.record.id])
            return [name for (name,) in cursor.fetchall()]


def changed_execution(execution_id: str, state: str, at: datetime) -> Upstream | None:
    """None when it is gone."""
    pipeline = Pipeline()
    place = pipeline.add(sql.READ_EXECUTION, [execution_id])
    for row in pipeline.run()[place]:
        return Upstream(execution_from(row), State(state), at)
    return None
