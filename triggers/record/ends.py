"""What the end of an execution means for the trigger that started it: written in the transaction of the end itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from control_plane.kernel.pipeline import Pipeline
from executions.engine.records import Execution, Step
from executions.record.sql import OF_THIS_TENANT

_FREE = f"""
UPDATE flow_trigger SET
  is_disabled = is_disabled OR %s = ANY(stop_after),
  execution_id = CASE WHEN execution_id = %s THEN NULL ELSE execution_id END,
  due_at = CASE
    WHEN is_off OR is_disabled OR %s = ANY(stop_after) OR execution_id <> %s THEN NULL
    WHEN backfill IS NOT NULL AND NOT (backfill ->> 'paused')::boolean THEN %s
    WHEN next_at IS NULL THEN NULL
    ELSE GREATEST(next_at, %s) END,
  updated_at = %s
WHERE namespace = %s AND flow_id = %s AND trigger_id = %s AND {OF_THIS_TENANT}
  AND (execution_id = %s OR %s = ANY(stop_after))"""


def tell_of_end(pipeline: Pipeline, execution: Execution, steps: Sequence[Step], at: datetime) -> None:
    """The trigger waits for it no longer, and stops after it when its flow says so."""
    began = execution.trigger
    if began is None or execution.parent_id is not None or not steps or not steps[-1].state.is_terminal:
        return
    state, own = steps[-1].state.value, execution.id
    name = [execution.namespace, execution.flow_id, began.get("id")]
    pipeline.add(_FREE, [state, own, state, own, at, at, at, *name, own, state])
