"""Folds outbox events whose process died between commit and folding."""

from __future__ import annotations

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants
from executions.maintenance.outbox_folding import fold_outbox_events
from executions.record import sql

AT_ONCE = 200
PATIENCE_SECONDS = 1.0
"""How long the process that wrote an event has to fold it itself."""


def fold_orphaned_events() -> bool:
    """Whether there may be more."""
    pipeline = Pipeline()
    with across_tenants("outbox events of all tenants that nobody folded"):
        place = pipeline.add(sql.ORPHANED_DUE_EVENTS, [PATIENCE_SECONDS, AT_ONCE])
        orphaned = pipeline.run()[place]
    for tenant, event_id in orphaned:
        fold_outbox_events(tenant, [event_id])
    return False
