"""Who started an execution: told for the audit trail, where what a job does is written down on somebody's behalf."""

from __future__ import annotations

from typing import Any

from audit.models import AuditEntry
from control_plane.kernel.actor import ActorKind
from control_plane.kernel.pipeline import Pipeline
from executions.permissions import EXECUTION
from executions.record import sql

_MOST = 50


def who_started(execution_id: str) -> dict[str, Any]:
    """The nearest start that has an entry: its own, or that of an execution above it. Empty when nobody's is known."""
    pipeline = Pipeline()
    place = pipeline.add(sql.ANCESTORS, [execution_id, _MOST])
    line = [execution_id, *(found for (found,) in pipeline.run()[place])]
    rows = (
        AuditEntry.objects.filter(resource=EXECUTION.name, object_id__in=line, is_refused=False, action="CREATE")
        .exclude(actor_kind=ActorKind.JOB.value)
        .order_by("seq")
        .values_list("object_id", "actor_kind", "actor_id", "actor_name")
    )
    found = {row[0]: {"kind": row[1], "id": row[2], "name": row[3]} for row in rows}
    return next((found[name] for name in line if name in found), {})
