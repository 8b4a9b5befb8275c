"""Reads of figures that tasks reported: those of one execution, and those of a flow over time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Avg, Max, Min, QuerySet, Sum
from django.db.models.functions import TruncDay, TruncHour, TruncMinute, TruncMonth, TruncWeek

from executions.models import Metric

AGGREGATIONS = {"sum": Sum, "avg": Avg, "min": Min, "max": Max}


@dataclass(frozen=True, slots=True)
class Bucket:
    """How wide the steps of a chart are: `name` is how the API calls it."""

    name: str
    truncate: Any
    step: timedelta


_BUCKETS = (
    (timedelta(hours=6), Bucket("minute", TruncMinute, timedelta(minutes=1))),
    (timedelta(days=7), Bucket("hour", TruncHour, timedelta(hours=1))),
    (timedelta(days=180), Bucket("day", TruncDay, timedelta(days=1))),
    (timedelta(days=365), Bucket("week", TruncWeek, timedelta(weeks=1))),
)
_WIDEST = Bucket("month", TruncMonth, timedelta(days=31))


def metrics_of_execution(execution_id: str) -> QuerySet[Metric]:
    return Metric.objects.filter(execution_id=execution_id)


def metrics_of_flow(namespace: str, flow_id: str, task_id: str | None = None) -> QuerySet[Metric]:
    rows = Metric.objects.filter(namespace=namespace, flow_id=flow_id)
    return rows.filter(task_id=task_id) if task_id is not None else rows


def bucket_for(start: datetime, end: datetime) -> Bucket:
    """The narrowest steps that keep a chart under a few hundred points."""
    return next((bucket for longest, bucket in _BUCKETS if end - start <= longest), _WIDEST)


def aggregated(
    rows: QuerySet[Metric], name: str, start: datetime, end: datetime, aggregation: str
) -> Iterator[tuple[datetime, float]]:
    """One value per step from start to end; 0 where nothing was reported."""
    bucket = bucket_for(start, end)
    found = rows.filter(name=name, at__gte=start, at__lte=end).annotate(step=bucket.truncate("at"))
    values = found.values("step").annotate(figure=AGGREGATIONS[aggregation]("value")).order_by("step")
    by_step = {row["step"]: float(row["figure"] or 0) for row in values}
    for step in _steps(start, end, bucket):
        yield step, by_step.get(step, 0.0)


def _steps(start: datetime, end: datetime, bucket: Bucket) -> Iterator[datetime]:
    step = _floor(start, bucket)
    while step <= end:
        yield step
        step = _floor(step + bucket.step, bucket)


def _floor(moment: datetime, bucket: Bucket) -> datetime:
    moment = moment.replace(second=0, microsecond=0)
    if bucket.name == "minute":
        return moment
    moment = moment.replace(minute=0)
    if bucket.name == "hour":
        return moment
    moment = moment.replace(hour=0)
    if bucket.name == "week":
        return moment - timedelta(days=moment.weekday())
    return moment.replace(day=1) if bucket.name == "month" else moment
