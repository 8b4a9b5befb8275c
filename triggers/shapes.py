"""Triggers as the API shows them."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.words.clock import iso, iso_or_none
from triggers.models import Trigger

Shape = dict[str, Any]
KINDS_OF_CLIENTS = ("SCHEDULE", "POLLING", "REALTIME")
"""What clients know as a kind; the others have a state too, but none of these."""


def backfill(row: Shape) -> Shape:
    """Without what is only ours."""
    given = {key: value for key, value in row.items() if key != "run" and value is not None}
    return {**given, "labels": [{"key": key, "value": value} for key, value in row["labels"].items()]}


def state(row: Trigger) -> Shape:
    """How a trigger stands, and why it does not fire when it does not."""
    return without_nulls(
        namespace=row.namespace,
        flowId=row.flow_id,
        triggerId=row.trigger_id,
        type=row.type,
        kind=row.kind if row.kind in KINDS_OF_CLIENTS else None,
        updatedAt=iso(row.updated_at),
        evaluatedAt=iso_or_none(row.evaluated_at),
        nextEvaluationDate=iso_or_none(row.next_at),
        lastTriggeredDate=iso_or_none(row.fired_at),
        backfill=backfill(row.backfill) if row.backfill is not None else None,
        stopAfter=row.stop_after,
        disabled=row.is_disabled,
        disabledInFlow=row.is_off,
        locked=row.execution_id is not None or row.evaluation_id is not None,
        executionId=row.execution_id,
        evaluationId=row.evaluation_id,
        problem=row.problem,
        said=row.said or None,
        recovered=row.recovered,
    )


def with_document(row: Trigger) -> Shape:
    """A row of the list of all."""
    return {"trigger": row.document, "state": state(row)}
