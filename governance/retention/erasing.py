"""One batch of what a step deletes, inside the tenant's scope: by the keys of the rows, never row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from control_plane.kernel.words.clock import iso, parse_iso
from executions.models import Execution, LogEntry, Metric
from executions.queries.expiring import expired_executions, expired_figures, expired_lines
from executions.record.erasing import erase_oldest
from executions.record.removal import Over, Parts, remove_over
from governance.conf import RETENTION
from governance.retention.deciding import Step
from governance.retention.rules import Kind
from stores.files.expiring import expire_revisions
from stores.kv.transitions import expire

MORE = "more"
"""The cursor of what needs none: what went is not found again."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What went, by what it was. Without a cursor nothing of the step is left."""

    counts: Mapping[Kind, int]
    cursor: str = ""


def next_batch(step: Step, cursor: str) -> Batch:
    """Delete the next of what the step means, after the cursor of the batch before."""
    if step.kind is Kind.EXECUTIONS:
        return _executions(step, cursor)
    if step.kind is Kind.LOGS:
        return _oldest(step.kind, expired_lines(step.expired), cursor)
    if step.kind is Kind.METRICS:
        return _oldest(step.kind, expired_figures(step.expired), cursor)
    if step.kind is Kind.KV:
        count = expire(step.reach, step.before, expired_only=step.rule.expired_only, most=RETENTION.at_once)
    else:
        count = expire_revisions(step.reach, step.before, step.rule.keep_versions, RETENTION.at_once)
    return Batch({step.kind: count}, MORE if count == RETENTION.at_once else "")


def _executions(step: Step, cursor: str) -> Batch:
    rows = expired_executions(step.expired)
    if cursor:
        date, _, last = cursor.partition("|")
        began = parse_iso(date)
        rows = rows.filter(Q(start_date__gt=began) | Q(start_date=began, id__gt=last), start_date__gte=began)
    found = _held(rows)
    removed = remove_over([over for over, _ in found], Parts())
    counts = {Kind.EXECUTIONS: removed.executions, Kind.LOGS: removed.logs, Kind.METRICS: removed.metrics}
    last_one = f"{iso(found[-1][1])}|{found[-1][0].id}" if len(found) == RETENTION.at_once else ""
    return Batch(counts, last_one)


def _held(rows: QuerySet[Execution]) -> list[tuple[Over, datetime]]:
    """The next ones, and when they began. What somebody else holds is left to a later run: nobody waits for it."""
    held = rows.order_by("start_date", "id").select_for_update(skip_locked=True)
    columns = held.values_list("id", "namespace", "flow_id", "state", "start_date")[: RETENTION.at_once]
    return [(Over(*row[:4]), row[4]) for row in columns]


def _oldest(kind: Kind, rows: QuerySet[LogEntry] | QuerySet[Metric], cursor: str) -> Batch:
    """What is younger than the cursor, or as old: those of that very moment may not all have gone."""
    rows = rows.filter(at__gte=parse_iso(cursor)) if cursor else rows
    erased = erase_oldest(rows, RETENTION.lines_at_once)
    is_full = erased.count == RETENTION.lines_at_once
    return Batch({kind: erased.count}, iso(erased.last) if is_full and erased.last is not None else "")
