"""The execution that changed, as the conditions and the inputs of Flow triggers see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import connection

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.clock import iso
from executions.engine.scope import build_scope
from executions.models import TaskRun
from executions.record import sql
from executions.record.flow_source import running_flow
from executions.record.ledger import DbLedger
from executions.record.rows import Kept, execution_from
from flows.model.facts import renderer
from plugins.conditions.facts import Facts
from plugins.triggers.flow import flow_trigger_variables
from triggers.firing.facts import SERVER_ZONE, environment_at
from triggers.models import Trigger

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
    state: str
    at: datetime

    @cached_property
    def shown(self) -> dict[str, Any]:
        record = self.kept.record
        last = record.history[-1]
        return {
            "id": record.id,
            "namespace": record.namespace,
            "flowId": record.flow_id,
            "flowRevision": record.flow_revision,
            "state": self.state,
            "labels": record.labels,
            "outputs": record.outputs or {},
            "attempts": self._attempts,
            "startDate": iso(record.start_date),
            **({"endDate": iso(last.date)} if last.state.is_terminal else {}),
        }

    @cached_property
    def _attempts(self) -> list[list[str]]:
        """Of each task run, the states of its attempts."""
        rows = TaskRun.objects.filter(execution_id=self.kept.record.id).order_by("seq")
        return [[each["history"][-1]["state"] for each in run] for run in rows.values_list("attempts", flat=True)]

    @cached_property
    def variables(self) -> dict[str, Any]:
        return flow_trigger_variables(self.shown)

    @cached_property
    def scope(self) -> dict[str, Any]:
        scope = build_scope(running_flow(self.kept).compiled, DbLedger(self.kept), None)
        return {**scope, "trigger": self.variables}

    @cached_property
    def causes(self) -> list[str]:
        """The flows whose executions led to this one, the first one first, its own last."""
        with connection.cursor() as cursor:
            cursor.execute(_CAUSES, [self.kept.record.id])
            return [name for (name,) in cursor.fetchall()]

    def facts_for(self, row: Trigger) -> Facts:
        return Facts(
            renderer(environment_at(self.at)),
            flow={"id": row.flow_id, "namespace": row.namespace},
            execution=self.shown,
            scope=self.scope,
            zone=SERVER_ZONE,
        )


def upstream_of(execution_id: str, state: str, at: datetime) -> Upstream | None:
    """None when it is gone."""
    pipeline = Pipeline()
    place = pipeline.add(sql.READ_EXECUTION, [execution_id])
    for row in pipeline.run()[place]:
        return Upstream(execution_from(row), state, at)
    return None
