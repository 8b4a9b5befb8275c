"""Whether a job's token still counts: it dies with the lease."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection

from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.errors import Conflict, Unauthenticated
from workers.queue.kinds import JobHandler, Place, handler_of
from workers.worker_api.tokens import read_job_token

# By the clock on the wall, not that of the transaction: a lease must not live longer because a request is slow.
_LIVING = """
SELECT kind, part_id FROM job
WHERE id = %s AND attempt = %s AND phase <> 'queued' AND lease_until > clock_timestamp() AND kill_at IS NULL
"""


class LeaseOver(Conflict):
    """The lease of this job is over."""

    code = "lease_over"


@dataclass(frozen=True, slots=True)
class LivingJob:
    """A job whose lease lives, in its tenant's open scope."""

    tenant: str
    subject_id: str
    part_id: str
    handler: JobHandler

    @property
    def place(self) -> Place:
        return self.handler.place(self.subject_id, self.part_id)


@contextmanager
def living_job(token: str, address: str) -> Iterator[LivingJob]:
    """Open the scope of the job that the token belongs to. Unauthenticated for a token that is not this job's,
    LeaseOver when its time is up."""
    claim = read_job_token(token)
    if claim is None or address != f"{claim.tenant}.{claim.subject_id}.{claim.job_id}":
        raise Unauthenticated("this is not the token of this job")
    with tenant_scope(claim.tenant):
        with connection.cursor() as cursor:
            cursor.execute(_LIVING, [claim.job_id, claim.attempt])
            row = cursor.fetchone()
        if row is None:
            raise LeaseOver()
        yield LivingJob(claim.tenant, claim.subject_id, row[1], handler_of(row[0]))
