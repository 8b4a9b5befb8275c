"""Carries out acts on many executions that were accepted: one command for each execution."""

from __future__ import annotations

import logging

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants
from executions.record import sql
from executions.services.bulk import carry_on_with

logger = logging.getLogger(__name__)

AT_ONCE = 100


def carry_on() -> bool:
    """Whether there may be more. Two may carry on at once: whoever holds an operation does its next item."""
    pipeline = Pipeline()
    with across_tenants("acts on many executions of all tenants that were accepted"):
        place = pipeline.add(sql.OPEN_OPERATIONS, [AT_ONCE])
        found = pipeline.run()[place]
    more = False
    for tenant, operation_id in found:
        try:
            more |= carry_on_with(tenant, operation_id, AT_ONCE)
        except Exception:
            logger.warning("operation %s: will go on later", operation_id, exc_info=True)
    return more
