"""Delete what has ended in a namespace and below, batch by batch: executions, their lines, figures and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.places import within
from control_plane.kernel.scope import after_commit, current_tenant
from control_plane.kernel.words.clock import iso, parse_iso
from control_plane.kernel.words.errors import BadParameter
from executions.models import Execution, LogEntry
from executions.permissions import EXECUTION
from executions.queries.search import WITHOUT_TURNS
from executions.queries.stored_folders import folders, without_execution
from executions.record.erasing import erase_oldest
from executions.record.files import forget_below
from executions.record.removal import Over, Parts, hold_over, remove_over
from plugins.contracts import LogLevel, State
from stores.storage.keys import flow_prefix, namespace_prefix
from stores.storage.place import storage

MOST_AT_ONCE = 500
MOST_LINES_AT_ONCE = 10_000


@command(EXECUTION.DELETE, on="{namespace}")
def purge_executions(
    ctx: Context,
    *,
    namespace: str,
    flow_id: str | None = None,
    start_date: str | None = None,
    end_date: str | None = None,
    states: Sequence[str] = (),
    executions: bool = True,
    logs: bool = True,
    metrics: bool = True,
    storage: bool = True,
    batch_size: int = 100,
    after: str | None = None,
) -> dict[str, Any]:
    """One batch of those that have ended, oldest first. `next` is there when more may follow: give it as `after`."""
    most = max(1, min(batch_size, MOST_AT_ONCE))
    chosen = Execution.objects.filter(WITHOUT_TURNS, _reached(namespace, flow_id), end_date__isnull=False)
    chosen = chosen.filter(state__in=[_state(name) for name in states]) if states else chosen
    rows = _page(_between(chosen, "start_date", start_date, end_date), after, most)
    held = {each.id: each for each in hold_over([row.id for row in rows])}
    over = [held[row.id] for row in rows if row.id in held]
    removed = remove_over(over, Parts(executions, logs, metrics))
    counts: dict[str, Any] = {
        "executionsCount": len(over) if executions else 0,
        "logsCount": removed.logs,
        "metricsCount": removed.metrics,
        "storagesCount": _forget_files(removed.prefixes) if storage else 0,
    }
    _tell(ctx, over, {"executions": executions, "logs": logs, "metrics": metrics, "storage": storage})
    return counts | ({"next": _cursor(rows[-1])} if len(rows) == most else {})


def _tell(ctx: Context, purged: Sequence[Over], what: Mapping[str, bool]) -> None:
    for each in purged:
        shown = {"id": each.id, "flowId": each.flow_id, "state": each.state}
        after = None if what["executions"] else shown
        ctx.record(EXECUTION.name, each.id, namespace=each.namespace, before=shown, after=after, purged=dict(what))


@command(EXECUTION.DELETE, on="{namespace}")
def purge_logs(
    ctx: Context,
    *,
    namespace: str,
    flow_id: str | None = None,
    execution_id: str | None = None,
    levels: Sequence[str] = (),
    start_date: str | None = None,
    end_date: str | None = None,
    limit: int = MOST_LINES_AT_ONCE,
) -> int:
    """Delete at most `limit` lines; return how many. Fewer than that means that none are left."""
    chosen = LogEntry.objects.filter(_reached(namespace, flow_id))
    chosen = chosen.filter(execution_id=execution_id) if execution_id else chosen
    chosen = chosen.filter(level__in=[LogLevel(name).value for name in levels]) if levels else chosen
    chosen = _between(chosen, "at", start_date, end_date)
    most = max(1, min(limit, MOST_LINES_AT_ONCE))
    count = erase_oldest(chosen, most).count
    if count:
        ctx.record(EXECUTION.name, execution_id or "", namespace=namespace, logsDeleted=count)
    return count


@command(EXECUTION.DELETE, on="{namespace}")
def purge_orphaned_files(
    ctx: Context,
    *,
    namespace: str,
    flow_id: str | None = None,
    start_date: str | None = None,
    end_date: str | None = None,
    dry_run: bool = True,
    after: str | None = None,
) -> dict[str, Any]:
    """Files of executions that are no more, changed last between the dates: one batch of at most 500 executions.

    `next` is there when more may follow: give it as `after`. A dry run only counts.
    """
    tenant = current_tenant()
    top = flow_prefix(tenant, namespace, flow_id) if flow_id else namespace_prefix(tenant, namespace)
    found = list(islice(folders(storage().list(top), after), MOST_AT_ONCE))
    start = _moment("startDate", start_date) if start_date else None
    end = _moment("endDate", end_date) if end_date else None
    scanned = [each for each in found if (not start or each.changed >= start) and (not end or each.changed <= end)]
    orphans = without_execution(scanned)
    if orphans and not dry_run:
        after_commit(lambda: forget_below([each.prefix for each in orphans]))
        for each in orphans:
            ctx.record(EXECUTION.name, each.execution_id, namespace=namespace, filesDeleted=each.count)
    counts: dict[str, Any] = {
        "scannedCount": len(scanned),
        "purgedCount": len(orphans),
        "deletedFilesCount": 0 if dry_run else sum(each.count for each in orphans),
    }
    return counts | ({"next": found[-1].prefix} if len(found) == MOST_AT_ONCE else {})


def _reached(namespace: str, flow_id: str | None) -> Q:
    """A flow by its name, or the namespace with those below it."""
    if flow_id is not None:
        return Q(namespace=namespace, flow_id=flow_id)
    return within("namespace", namespace)


def _between(rows: QuerySet[Any], column: str, start: str | None, end: str | None) -> QuerySet[Any]:
    if start:
        rows = rows.filter(**{f"{column}__gte": _moment("startDate", start)})
    return rows.filter(**{f"{column}__lte": _moment("endDate", end)}) if end else rows


def _page(rows: QuerySet[Execution], after: str | None, most: int) -> list[Execution]:
    if after:
        date, _, last = after.partition("|")
        moment = _moment("after", date)
        rows = rows.filter(Q(start_date__gt=moment) | Q(start_date=moment, id__gt=last))
    return list(rows.order_by("start_date", "id").only("id", "start_date")[:most])


def _cursor(row: Execution) -> str:
    return f"{iso(row.start_date)}|{row.id}"


def _moment(name: str, text: str) -> datetime:
    try:
        return parse_iso(text)
    except ValueError:
        raise BadParameter(f"`{name}` must be a date, but is `{text[:50]}`") from None


def _state(name: str) -> str:
    try:
        return State(name).value
    except ValueError:
        raise BadParameter(f"`{name[:50]}` is no state") from None


def _forget_files(prefixes: Sequence[str]) -> int:
    """Deleted once the act is certain; how many there are."""
    after_commit(lambda: forget_below(prefixes))
    return sum(1 for prefix in prefixes for _ in storage().list(prefix))
