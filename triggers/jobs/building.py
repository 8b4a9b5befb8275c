"""The job of a look, as a worker gets it."""

from __future__ import annotations

import logging

from control_plane.kernel.scope import after_commit, tenant_scope
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import ControlPlaneError
from plugins.contracts import PluginError
from triggers.firing.facts import scope_of
from triggers.looking.evaluations import Watched, conclude_unread, watched
from triggers.looking.rows import is_under_way, locked, locked_jobs
from triggers.models import Trigger
from workers.models import Job as JobRow
from workers.queue.kinds import Leased
from workers.runtime.protocol import Job
from workers.worker_api.tokens import job_token

logger = logging.getLogger(__name__)


def build(leased: Leased) -> Job | None:
    """None when there is nothing to look at any more: the job is over then."""
    row = Trigger.objects.filter(pk=leased.subject_id).first()
    if row is None or not is_under_way(row, leased):
        JobRow.objects.filter(pk=leased.id).delete()
        return None
    try:
        return _job(leased, watched(row))
    except (ControlPlaneError, PluginError) as error:
        reason = str(error)
    except Exception:
        logger.exception("the look at trigger %s cannot be prepared", row.pk)
        reason = "the look could not be prepared"
    # In a transaction of its own: this one may hold the job, and triggers are locked before their jobs.
    after_commit(lambda: _give_up(leased, reason))
    return None


def _job(leased: Leased, seen: Watched) -> Job:
    row, trigger = seen.row, seen.trigger
    return Job(
        id=leased.address,
        kind="listen" if leased.kind == "listen" else "trigger",
        tenant=leased.tenant_id,
        namespace=row.namespace,
        flow_id=row.flow_id,
        execution_id=leased.key,
        task_run_id=leased.key,
        attempt=leased.attempt,
        lease_until=leased.seconds_left or 0.0,
        token=job_token(leased),
        task=trigger.model_dump(mode="json", by_alias=True, exclude_none=True, polymorphic_serialization=True),
        scope=scope_of(seen.running.compiled),
        log_level=trigger.log_level.value if trigger.log_level is not None else None,
    )


def _give_up(leased: Leased, reason: str) -> None:
    with tenant_scope(leased.tenant_id):
        row = locked(leased.subject_id)
        for job in locked_jobs(leased.subject_id, [leased.id]).values():
            JobRow.objects.filter(pk=job.id).delete()
            if row is not None and is_under_way(row, job):
                conclude_unread(row, now(), reason)
