"""Reads of log lines: within one execution in its own order, across executions newest first."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Max, Q, QuerySet

from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import visible_to
from control_plane.kernel.scope import tenant_scope
from executions.models import LogEntry
from executions.permissions import EXECUTION

_CHUNK = 2000


def lines_of(execution_id: str) -> QuerySet[LogEntry]:
    """The lines of one execution, in order."""
    return LogEntry.objects.filter(execution_id=execution_id).order_by("seq")


def standing(execution_id: str) -> Q:
    """Lines of an execution that were not written over.

    A line that ends in a carriage return stands until its task run writes the next one.
    """
    newest = LogEntry.objects.filter(execution_id=execution_id).values("task_run_id", "attempt")
    return ~Q(message__endswith="\r") | Q(seq__in=newest.annotate(last=Max("seq")).values("last"))


def visible_lines(ctx: Context) -> QuerySet[LogEntry]:
    """Lines of executions whose logs the actor may read."""
    return LogEntry.objects.filter(visible_to(ctx, EXECUTION.ACCESS_LOGS))


def streamed_lines(tenant: str, lines: QuerySet[LogEntry]) -> Iterator[LogEntry]:
    """The lines of one execution, chunk by chunk, each in a scope of its own: a download may last for minutes."""
    last = 0
    while True:
        with tenant_scope(tenant):
            chunk = list(lines.filter(seq__gt=last).order_by("seq")[:_CHUNK])
        yield from chunk
        if len(chunk) < _CHUNK:
            return
        last = chunk[-1].seq
