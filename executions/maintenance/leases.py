"""Ends leases that ran out: their attempts are lost, and tried again."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError

from control_plane.kernel.config import config
from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, tenant_scope
from workers.queue import sql
from workers.queue.kinds import handler_of

logger = logging.getLogger(__name__)

AT_ONCE = 200


class Sweeper:
    """After the database was away no worker could renew: the first sweep then waits one full lease."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._not_before = 0.0

    def end_lost_leases(self) -> bool:
        """Whether there may be more."""
        try:
            lost = _ended_leases()
        except (DatabaseError, InterfaceError):
            self._not_before = self._clock() + config().worker.lease_seconds
            raise
        if self._clock() < self._not_before:
            return False
        for tenant, subject_id, job_id, kind in lost:
            _end(tenant, subject_id, job_id, kind)
        return len(lost) == AT_ONCE


def _ended_leases() -> list[tuple[str, str, str, str]]:
    pipeline = Pipeline()
    with across_tenants("leases of all tenants that ran out"):
        place = pipeline.add(sql.ENDED_LEASES, [AT_ONCE])
        return [(tenant, subject, job, kind) for tenant, subject, job, kind in pipeline.run()[place]]


def _end(tenant: str, subject_id: str, job_id: str, kind: str) -> None:
    try:
        with tenant_scope(tenant):
            handler_of(kind).lost(subject_id, job_id)
    except Exception:
        logger.exception("a lost job could not be ended")
