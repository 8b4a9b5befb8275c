"""Workers that have joined: sent away, or asked to take no more work."""

from __future__ import annotations

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import after_commit
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import NotFound
from workers.models import Worker
from workers.permissions import WORKER_GROUP
from workers.queue.orders import send_drain


def locked_worker(ctx: Context, *, worker_id: str) -> Worker:
    found = Worker.objects.select_for_update().filter(id=worker_id).first()
    if found is None:
        raise NotFound(f"Worker '{worker_id}' was not found")
    return found


@command(WORKER_GROUP.UPDATE, on=locked_worker, instance=True)
def revoke_worker(ctx: Context, *, worker_id: str) -> Worker:
    """From its next request on it is unknown and must join again; what it had in hand is lost with its leases."""
    worker = ctx.target_as(Worker)
    if worker.left_at is None:
        worker.left_at = now()
        worker.save(update_fields=["left_at"])
        _tell(ctx, worker, "revoked")
    return worker


@command(WORKER_GROUP.UPDATE, on=locked_worker, instance=True)
def drain_worker(ctx: Context, *, worker_id: str) -> Worker:
    """It takes no more, ends what it runs, hands back the rest and leaves. Asking twice changes nothing."""
    worker = ctx.target_as(Worker)
    if worker.left_at is None and not worker.is_draining:
        worker.is_draining = True
        worker.save(update_fields=["is_draining"])
        _tell(ctx, worker, "drained")
        after_commit(lambda: send_drain(worker_id))
    return worker


def _tell(ctx: Context, worker: Worker, act: str) -> None:
    ctx.record(WORKER_GROUP.name, worker.group_id, worker=worker.id, name=worker.name, host=worker.host, act=act)
