"""A look whose worker is gone: somebody looks again, and what it has started is not started twice."""

from __future__ import annotations

from datetime import datetime

from control_plane.kernel.config import config
from control_plane.kernel.scope import after_commit, current_tenant
from control_plane.kernel.words.errors import ControlPlaneError
from executions.record.files import forget_below
from plugins.contracts import PluginError
from stores.storage.keys import execution_prefix
from triggers.looking.evaluations import AGAIN, conclude, watched
from triggers.models import Trigger
from triggers.record.rows import set_due
from workers.models import Job
from workers.queue.kinds import Leased


def lose(row: Trigger, job: Leased, at: datetime, *, is_drained: bool) -> None:
    """The job is over. A look that had begun its execution is over, too; any other is asked for again, unless it has
    lost its worker too often in a row: it may be what kills them."""
    Job.objects.filter(pk=job.id).delete()
    if row.evaluation_id != job.key:
        return
    if job.kind == "trigger" and job.payload.get("taken"):
        _conclude(row, at)
        return
    row.evaluation_id, row.next_at = None, at
    if not is_drained:
        row.failures += 1
    if row.failures >= config().worker.max_losses and not is_drained:
        row.problem, row.next_at = f"Its worker was lost {row.failures} times", at + AGAIN
    set_due(row, at)
    row.save()
    if job.kind == "trigger":
        prefix = execution_prefix(current_tenant(), row.namespace, row.flow_id, job.key)
        after_commit(lambda: forget_below([prefix]))


def _conclude(row: Trigger, at: datetime) -> None:
    try:
        conclude(watched(row), at)
    except (PluginError, ControlPlaneError):
        row.evaluation_id, row.next_at = None, at + AGAIN
        set_due(row, at)
        row.save()
