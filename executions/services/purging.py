"""Delete what has ended in a namespace and below, batch by batch: executions, their lines, figures and files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import after_commit, current_tenant
from control_plane.kernel.words.clock import iso, parse_iso
from control_plane.kernel.words.errors import BadParameter, NotFound
from executions.engine.records import Execution as Record
from executions.models import Execution, LogEntry, Metric
from executions.permissions import EXECUTION
from executions.record.files import forget_below, forget_files, prefix_of
from executions.record.transitions import Transition, locked
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
    chosen = Execution.objects.filter(_reached(namespace, flow_id), end_date__isnull=False)
    chosen = chosen.filter(state__in=[_state(name) for name in states]) if states else chosen
    rows = _page(_between(chosen, "start_date", start_date, end_date), after, most)
    held = [transition for row in rows if (transition := _ended(row.id)) is not None]
    ids = [transition.execution.id for transition in held]
    counts: dict[str, Any] = {
        "executionsCount": len(held) if executions else 0,
        "logsCount": _erase(LogEntry.objects.filter(execution_id__in=ids)) if logs else 0,
        "metricsCount": _erase(Metric.objects.filter(execution_id__in=ids)) if metrics else 0,
        "storagesCount": sum(_forget_files(transition.execution) for transition in held) if storage else 0,
    }
    for transition in held if executions else ():
        transition.remove(with_logs=False, with_metrics=False, with_files=False)
    what = {"executions": executions, "logs": logs, "metrics": metrics, "storage": storage}
    _tell(ctx, [transition.execution for transition in held], what)
    return counts | ({"next": _cursor(rows[-1])} if len(rows) == most else {})


def _ended(execution_id: str) -> Transition | None:
    """Held; None when it went meanwhile, or runs again."""
    try:
        transition = locked(execution_id).transition
    except NotFound:
        return None
    return transition if transition.execution.state.is_terminal else None


def _tell(ctx: Context, purged: Sequence[Record], what: Mapping[str, bool]) -> None:
    for record in purged:
        shown = {"id": record.id, "flowId": record.flow_id, "state": record.state.value}
        after = None if what["executions"] else shown
        ctx.record(EXECUTION.name, record.id, namespace=record.namespace, before=shown, after=after, purged=dict(what))


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
    count = _erase(LogEntry.objects.filter(pk__in=chosen.order_by().values("pk")[:most]))
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
    found = list(islice(_folders(top, after), MOST_AT_ONCE))
    start = _moment("startDate", start_date) if start_date else None
    end = _moment("endDate", end_date) if end_date else None
    scanned = [each for each in found if (not start or each.changed >= start) and (not end or each.changed <= end)]
    ids = [each.execution_id for each in scanned]
    living = set(Execution.objects.filter(id__in=ids).values_list("id", flat=True))
    orphans = [each for each in scanned if each.execution_id not in living]
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


@dataclass(slots=True)
class _Folder:
    """The files of one execution: where they are, how many, and when one of them was changed last."""

    prefix: str
    execution_id: str
    changed: datetime
    count: int = 1


def _folders(top: str, after: str | None) -> Iterator[_Folder]:
    """In the order of their keys, those after one."""
    current: _Folder | None = None
    for stored in storage().list(top):
        place = _EXECUTION_FILE.match(stored.key)
        if place is None or (after is not None and place[0] <= after):
            continue
        if current is not None and current.prefix == place[0]:
            current.count += 1
            current.changed = max(current.changed, stored.modified)
            continue
        if current is not None:
            yield current
        current = _Folder(place[0], place[1], stored.modified)
    if current is not None:
        yield current


_EXECUTION_FILE = re.compile(r".*?/executions/([^/]+)/")


def _reached(namespace: str, flow_id: str | None) -> Q:
    """A flow by its name, or the namespace with those below it."""
    if flow_id is not None:
        return Q(namespace=namespace, flow_id=flow_id)
    return Q(namespace=namespace) | Q(namespace__startswith=f"{namespace}.")


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


def _erase(rows: QuerySet[Any]) -> int:
    return rows.delete()[0]


def _forget_files(record: Record) -> int:
    """Deleted once the act is certain; how many there are."""
    after_commit(lambda: forget_files(record))
    return sum(1 for _ in storage().list(prefix_of(record)))
