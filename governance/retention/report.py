"""What would go: how much of each kind in each namespace, how old the oldest is, and how much room it takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from itertools import islice
from operator import add
from typing import Any

from django.db import connection
from django.db.models import Count, F, Func, IntegerField, Min, Model, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from control_plane.kernel.words.clock import now
from executions.models import Execution, LogEntry, Metric, TaskRun
from executions.queries.expiring import expired_executions, expired_figures, expired_lines
from governance.conf import RETENTION
from governance.retention.deciding import Step
from governance.retention.files import Stored, doomed, walk
from governance.retention.rules import Kind
from stores.files.expiring import expired_revisions
from stores.kv.transitions import expired
from stores.models import KvEntry

_HEAD_OF_A_ROW = 28
"""Bytes that the database adds to each row."""
_NOBODY = "SELECT NULL::varchar AS id WHERE false"
# The turns of a loop go with the execution.
_GOING = """
WITH RECURSIVE going AS (
    {chosen}
    UNION
    SELECT execution.id FROM execution JOIN going ON execution.parent_id = going.id WHERE execution.kind = 'LOOP'
)
"""
_OF_THEM = "FROM execution JOIN going ON going.id = execution.id"
_SUMMED = "SELECT namespace, count(*), min(at), sum(size)::bigint FROM ({rows}) AS found GROUP BY namespace"


@dataclass(slots=True)
class Line:
    """One kind of data in one namespace."""

    kind: Kind
    namespace: str
    count: int = 0
    oldest: datetime | None = None
    size: int = 0

    def take_in(self, count: int, oldest: datetime | None, size: int) -> None:
        self.count += count
        self.size += size
        if oldest is not None and (self.oldest is None or oldest < self.oldest):
            self.oldest = oldest


@dataclass(frozen=True, slots=True)
class Report:
    """`is_complete`: all files were looked at; otherwise there are more of them than are told."""

    lines: list[Line]
    is_complete: bool


class _Sums:
    def __init__(self) -> None:
        self._lines: dict[tuple[Kind, str], Line] = {}

    def add(self, kind: Kind, namespace: str, count: int, oldest: datetime | None, size: int | None) -> None:
        line = self._lines.setdefault((kind, namespace), Line(kind, namespace))
        line.take_in(count, oldest, size or 0)

    @property
    def lines(self) -> list[Line]:
        places = list(Kind)
        found = [line for line in self._lines.values() if line.count or line.size]
        return sorted(found, key=lambda line: (places.index(line.kind), line.namespace))


def report(tenant: str, namespace: str, steps: Sequence[Step]) -> Report:
    """Nothing is changed. Inside the tenant's scope; sizes of rows are those of their values in the tables."""
    sums = _Sums()
    for kind, rows in (*_of_executions(steps), *_of_stores(steps)):
        for place, count, oldest, size in rows:
            sums.add(kind, place, count, oldest, size)
    looked_at = islice(walk(tenant, namespace), RETENTION.most_looked_at)
    seen = 0
    for part in _parts(looked_at):
        seen += len(part)
        gone = doomed(part, steps, now() - RETENTION.grace, (Kind.FILES, Kind.EXECUTIONS))
        for folder in gone.folders:
            sums.add(Kind.FILES, folder.namespace, folder.count, folder.changed, folder.size)
        for content in gone.contents:
            sums.add(Kind.NAMESPACE_FILES, content.namespace, 1, content.changed, content.size)
    return Report(sums.lines, seen < RETENTION.most_looked_at)


def _parts(found: Iterable[Stored]) -> Iterator[list[Stored]]:
    rest = iter(found)
    while part := list(islice(rest, RETENTION.at_once)):
        yield part


Rows = Iterable[tuple[str, int, datetime | None, int | None]]


def _of_executions(steps: Sequence[Step]) -> Iterator[tuple[Kind, Rows]]:
    """Each row counts once, whatever it goes by."""
    chosen = [_sql(expired_executions(each.expired).values("id")) for each in _of(steps, Kind.EXECUTIONS)]
    text = " UNION ".join(f"({each})" for each, _ in chosen) or _NOBODY
    going = _GOING.format(chosen=text), [value for _, values in chosen for value in values]
    if chosen:
        size = f"{_size_in_sql(Execution)} AS size"
        yield Kind.EXECUTIONS, _summed(going, [(f"SELECT namespace, end_date AS at, {size} {_OF_THEM}", [])])
        # Task runs are no kind of their own: they take room, and are not counted.
        size = f"execution.namespace, NULL::timestamptz AS at, {_size_in_sql(TaskRun)} AS size"
        runs = f"SELECT {size} {_OF_THEM} JOIN task_run ON task_run.execution_id = execution.id"
        yield Kind.EXECUTIONS, ((place, 0, at, size) for place, _, at, size in _summed(going, [(runs, [])]))
    for kind, model, expired_of in ((Kind.LOGS, LogEntry, expired_lines), (Kind.METRICS, Metric, expired_figures)):
        table = model._meta.db_table
        columns = f"{table}.id, {table}.namespace, {table}.at, {_size_in_sql(model)} AS size"
        with_them = f"SELECT {columns} FROM {table} JOIN going ON going.id = {table}.execution_id"
        parts: list[tuple[str, Sequence[Any]]] = [(with_them, [])] if chosen else []
        parts += [_sql(_sized(expired_of(each.expired))) for each in _of(steps, kind)]
        if parts:
            yield kind, _summed(going, parts)


def _of_stores(steps: Sequence[Step]) -> Iterator[tuple[Kind, Rows]]:
    """Pairs and revisions; there is one rule of each for one place."""
    for step in steps:
        if step.kind is Kind.KV:
            pairs = expired(step.reach, step.before, expired_only=step.rule.expired_only)
            told = pairs.values("namespace").annotate(n=Count("pk"), first=Min("updated_at"), size=Sum(_size(KvEntry)))
            yield step.kind, told.order_by().values_list("namespace", "n", "first", "size")
        elif step.kind is Kind.NAMESPACE_FILES:
            old = expired_revisions(step.reach, step.before, step.rule.keep_versions)
            summed = old.values("file__namespace").annotate(n=Count("pk"), first=Min("created_at"), bytes=Sum("size"))
            yield step.kind, summed.order_by().values_list("file__namespace", "n", "first", "bytes")


def _of(steps: Iterable[Step], kind: Kind) -> list[Step]:
    return [step for step in steps if step.kind is kind]


def _summed(going: tuple[str, list[Any]], parts: Sequence[tuple[str, Sequence[Any]]]) -> Rows:
    # What is asked for in one way only has no row twice, and need not be compared.
    rows = " UNION ".join(f"({text})" for text, _ in parts)
    values = [*going[1], *(value for _, values in parts for value in values)]
    with connection.cursor() as cursor:
        cursor.execute(going[0] + _SUMMED.format(rows=rows), values)
        found: list[Any] = cursor.fetchall()
    return found


def _sql(rows: QuerySet[Any, Any]) -> tuple[str, Sequence[Any]]:
    text, values = rows.order_by().query.sql_with_params()
    return str(text), values


def _sized(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    sized: QuerySet[Any, Any] = rows.annotate(size=_size(rows.model)).values("id", "namespace", "at", "size")
    return sized


def _size(model: type[Model]) -> Any:
    """What the values of a row take in the table; one that lies outside of the row counts as it lies there."""
    columns = [
        Coalesce(Func(F(f.attname), function="pg_column_size", output_field=IntegerField()), 0) for f in _columns(model)
    ]
    return reduce(add, columns, Value(_HEAD_OF_A_ROW))


def _size_in_sql(model: type[Model]) -> str:
    table = model._meta.db_table
    sizes = [f"coalesce(pg_column_size({table}.{field.column}), 0)" for field in _columns(model)]
    return " + ".join([str(_HEAD_OF_A_ROW), *sizes])


def _columns(model: type[Model]) -> list[Any]:
    return list(model._meta.local_concrete_fields)
