"""Offers jobs again that are due and that nobody took: their ticket was lost, or nobody is there."""

from __future__ import annotations

from control_plane.kernel.config import config
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants
from workers.queue import sql, tickets

AT_ONCE = 500


def offer_again() -> bool:
    """With back-off for each job. Whether there may be more."""
    pipeline = Pipeline()
    with across_tenants("jobs of all tenants that nobody took"):
        place = pipeline.add(sql.OFFER_AGAIN, [config().worker.sweep_seconds, AT_ONCE])
        groups = [group for (group,) in pipeline.run()[place]]
    tickets.send(groups)
    return len(groups) == AT_ONCE
