"""What a tenant's going means for the queue, and what flows may ask of the fleet."""

from __future__ import annotations

from control_plane.kernel.actor import Context
from flows.hooks import refuse
from tenants.hooks import on_purge
from workers.models import Job
from workers.queue.save_rules import unknown_groups


def register() -> None:
    """Called once, when the app is ready."""
    on_purge(remove_jobs)
    refuse(unknown_groups)


def remove_jobs(ctx: Context) -> None:
    """With a job goes the right of its worker to report: it is told so at its next heartbeat."""
    Job.objects.all().delete()
