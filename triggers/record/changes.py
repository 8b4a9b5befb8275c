"""Changes of executions that Flow triggers may listen to: kept with the change itself, and only where one listens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.ids import new_id
from executions.engine.records import Execution, Step
from executions.record.sql import OF_THIS_TENANT
from plugins.contracts import State

_KEEP = f"""
INSERT INTO trigger_change (id, tenant_id, execution_id, step, state, at)
SELECT %s, %s, %s, %s, %s, %s WHERE EXISTS (
    SELECT FROM flow_trigger WHERE kind = 'FLOW' AND NOT is_off AND NOT is_disabled AND %s = ANY(listens_to)
      AND NOT (namespace = %s AND flow_id = %s) AND {OF_THIS_TENANT})
ON CONFLICT DO NOTHING"""


def tell_of_change(pipeline: Pipeline, execution: Execution, steps: Sequence[Step], at: datetime) -> None:
    """Whoever saves a Flow trigger later hears of later changes alone."""
    first = len(execution.history) - len(steps)
    for number, step in enumerate(steps, first):
        if step.state is State.CREATED:
            continue
        own, state = execution.id, step.state.value
        kept = [new_id(), execution.tenant, own, number, state, at]
        pipeline.add(_KEEP, [*kept, state, execution.namespace, execution.flow_id])
