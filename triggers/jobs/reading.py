"""What a worker reports of a look, and what follows."""

from __future__ import annotations

from collections.abc import Sequence

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.clock import now
from control_plane.kernel.words.errors import ControlPlaneError
from control_plane.kernel.words.ids import new_id
from plugins.contracts import PluginError, State
from triggers.looking.evaluations import Find, Watched, conclude, conclude_unread, watched
from triggers.looking.rows import KINDS, is_under_way
from triggers.models import Json, Trigger
from triggers.record.rows import set_due
from workers.queue import queue
from workers.queue.kinds import JobReports, Leased
from workers.runtime.protocol import Item, ItemStatus, LogLine

MOST_LINES = 50
LONGEST_LINE = 500


def read(row: Trigger, job: Leased | None, item: Item, reports: JobReports, pipeline: Pipeline) -> ItemStatus:
    """One item of a report; its job is over when it says an end. `gone` for a job that is not this worker's."""
    if job is None or job.kind not in KINDS or not _is_held(job, item, reports):
        return "gone"
    status: ItemStatus = "ok" if job.kill_at is None else "killed"
    if job.last_report == reports.request_id:
        return status
    is_wanted = is_under_way(row, job)
    if is_wanted and item.logs:
        row.said = [*row.said, *said(item.logs)][-MOST_LINES:]
        row.save(update_fields=["said"])
    if item.end is None and item.values is None:
        queue.mark_reported(pipeline, job.id, reports.request_id, is_started=item.started)
        return status
    queue.end(pipeline, [job.id])
    if is_wanted:
        _end(row, job, item)
    elif row.evaluation_id == job.key:
        row.evaluation_id = None
        set_due(row, now())
        row.save()
    return "ok"


def _is_held(job: Leased, item: Item, reports: JobReports) -> bool:
    return job.worker_id == reports.worker_id and job.attempt == item.attempt and job.phase != "queued"


def _end(row: Trigger, job: Leased, item: Item) -> None:
    at = now()
    try:
        seen = watched(row)
    except (PluginError, ControlPlaneError) as error:
        conclude_unread(row, at, str(error))
        return
    has_begun = bool(job.payload.get("taken"))
    if item.values is not None:
        find = Find(job.key, item.values, item.secrets) if job.kind == "trigger" and not has_begun else None
        conclude(seen, at, find=find)
    elif item.end is not None and item.end.state == State.SUCCESS.value:
        conclude(seen, at)
    else:
        reason = (item.end.error if item.end is not None else None) or "It was stopped"
        conclude(seen, at, error=reason, find=_failing(seen, job, reason) if not has_begun else None)


def _failing(seen: Watched, job: Leased, error: str) -> Find | None:
    """The execution that tells of the failure, where the flow asks for one: of one that listens only of the first of a
    row, as it is started again and again."""
    if not seen.trigger.fail_on_trigger_error or (job.kind == "listen" and seen.row.failures):
        return None
    return Find(job.key if job.kind == "trigger" else new_id(), {}, failure=error)


def said(lines: Sequence[LogLine]) -> list[Json]:
    return [{"at": line.timestamp, "level": line.level, "message": line.message[:LONGEST_LINE]} for line in lines]
