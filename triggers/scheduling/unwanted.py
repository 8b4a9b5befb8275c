"""Stops looks that nobody wants any more, whichever way that came about: a person, a flow that was saved or deleted, an
execution after which the trigger stops."""

from __future__ import annotations

import logging

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, after_commit, tenant_scope
from control_plane.kernel.words.clock import now
from executions.record.sql import OF_THIS_TENANT
from triggers.looking.rows import locked, locked_jobs
from triggers.models import Trigger
from triggers.record.rows import set_due
from workers.queue import orders, queue

logger = logging.getLogger(__name__)

AT_ONCE = 200

_UNWANTED = """
SELECT j.tenant_id, j.subject_id, j.id FROM job j
LEFT JOIN flow_trigger t ON t.id = j.subject_id AND t.tenant_id = j.tenant_id
WHERE j.kind IN ('trigger', 'listen') AND j.kill_at IS NULL
  AND (t.id IS NULL OR t.evaluation_id IS DISTINCT FROM j.key OR t.is_off OR t.is_disabled)
LIMIT %s"""
_WITHOUT_JOB = f"""
SELECT t.id FROM flow_trigger t WHERE t.evaluation_id IS NOT NULL AND {OF_THIS_TENANT} AND NOT EXISTS (
    SELECT FROM job j WHERE j.kind IN ('trigger', 'listen') AND j.subject_id = t.id AND j.key = t.evaluation_id
      AND j.tenant_id = t.tenant_id)
LIMIT {AT_ONCE}"""
_TENANTS = "SELECT DISTINCT tenant_id FROM flow_trigger WHERE evaluation_id IS NOT NULL"


def stop_unwanted() -> bool:
    """What no worker has taken goes, what one has in hand is to be stopped there; whether there may be more."""
    pipeline = Pipeline()
    with across_tenants("jobs of triggers of all tenants that nobody wants any more"):
        place = pipeline.add(_UNWANTED, [AT_ONCE])
        found = pipeline.run()[place]
    for tenant, trigger_id, job_id in found:
        try:
            with tenant_scope(tenant):
                _stop(trigger_id, job_id)
        except Exception:
            logger.exception("the look of job %s could not be stopped", job_id)
    return len(found) == AT_ONCE


def _stop(trigger_id: str, job_id: str) -> None:
    row = locked(trigger_id)
    job = locked_jobs(trigger_id, [job_id]).get(job_id)
    if job is None or (row is not None and row.evaluation_id == job.key and not row.is_off and not row.is_disabled):
        return
    if row is not None and row.evaluation_id == job.key:
        row.evaluation_id = None
        set_due(row, now())
        row.save()
    pipeline = Pipeline()
    place = queue.withdraw(pipeline, trigger_id, [""])
    killed = pipeline.run()[place]
    after_commit(lambda: orders.send_kills(killed))


def ask_again_for_lost() -> bool:
    """Looks that no job stands for are asked for again: nothing that can vanish holds a trigger for good."""
    pipeline = Pipeline()
    with across_tenants("triggers of all tenants that a worker looks at"):
        place = pipeline.add(_TENANTS)
        tenants = [tenant for (tenant,) in pipeline.run()[place]]
    more = [_ask_again(tenant) for tenant in tenants]
    return any(more)


def _ask_again(tenant: str) -> bool:
    pipeline = Pipeline()
    with tenant_scope(tenant):
        place = pipeline.add(_WITHOUT_JOB)
        ids = [trigger_id for (trigger_id,) in pipeline.run()[place]]
        for row in Trigger.objects.select_for_update(skip_locked=True).filter(pk__in=ids):
            at = now()
            row.evaluation_id, row.next_at = None, row.next_at or at
            set_due(row, at)
            row.save()
    return len(ids) == AT_ONCE
