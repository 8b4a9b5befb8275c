"""Figures that tasks reported, over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from rest_framework.request import Request

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.api.pages import listed, order_of, page_of
from control_plane.kernel.api.query import moment, text
from control_plane.kernel.api.views import TenantView
from control_plane.kernel.authorization import require
from control_plane.kernel.words.clock import iso, now
from control_plane.kernel.words.errors import BadParameter
from executions.models import Metric
from executions.permissions import EXECUTION
from executions.queries.execution import namespace_of, no_execution
from executions.queries.metrics import AGGREGATIONS, aggregated, bucket_for, metrics_of_execution, metrics_of_flow

_SORTS = {"name": "name", "value": "value", "timestamp": "at", "taskId": "task_id"}
_USUAL = timedelta(days=30)
_LONGEST = timedelta(days=3660)


class MetricView(TenantView):
    """`/metrics/...`."""

    access = dict.fromkeys(("of_execution", "names", "tasks", "aggregate"), EXECUTION.VIEW)

    def of_execution(self, request: Request, execution_id: str) -> dict[str, Any]:
        require(self.ctx, EXECUTION.VIEW, namespace_of(execution_id), absent=no_execution(execution_id))
        rows = metrics_of_execution(execution_id)
        for parameter, column in (("taskRunId", "task_run_id"), ("taskId", "task_id")):
            wanted = text(self.query, parameter)
            rows = rows.filter(**{column: wanted}) if wanted else rows
        return listed(rows.order_by(*order_of(self.query, _SORTS, ("at",))), page_of(self.query), _shown)

    def names(self, request: Request, namespace: str, flow_id: str, task_id: str | None = None) -> list[str]:
        rows = self._rows(namespace, flow_id, task_id)
        return list(rows.order_by("name").values_list("name", flat=True).distinct())

    def tasks(self, request: Request, namespace: str, flow_id: str) -> list[str]:
        rows = self._rows(namespace, flow_id).filter(task_id__isnull=False)
        return [name for name in rows.order_by("task_id").values_list("task_id", flat=True).distinct() if name]

    def aggregate(
        self, request: Request, namespace: str, flow_id: str, metric: str, task_id: str | None = None
    ) -> dict[str, Any]:
        start, end = self._range()
        how = (text(self.query, "aggregation") or "sum").lower()
        if how not in AGGREGATIONS:
            raise BadParameter(f"`aggregation` must be one of {', '.join(AGGREGATIONS)}")
        points = aggregated(self._rows(namespace, flow_id, task_id), metric, start, end, how)
        return {
            "groupBy": bucket_for(start, end).name,
            "aggregations": [{"name": metric, "value": value, "date": iso(step)} for step, value in points],
        }

    def _rows(self, namespace: str, flow_id: str, task_id: str | None = None) -> QuerySet[Metric]:
        require(self.ctx, EXECUTION.VIEW, namespace)
        return metrics_of_flow(namespace, flow_id, task_id)

    def _range(self) -> tuple[datetime, datetime]:
        last, first = text(self.query, "endDate"), text(self.query, "startDate")
        end = moment("endDate", last) if last else now()
        start = moment("startDate", first) if first else end - _USUAL
        if not timedelta() <= end - start <= _LONGEST:
            raise BadParameter("`startDate` must come before `endDate`, by at most ten years")
        return start, end


def _shown(metric: Metric) -> dict[str, Any]:
    return without_nulls(
        namespace=metric.namespace,
        flowId=metric.flow_id,
        taskId=metric.task_id,
        executionId=metric.execution_id,
        taskRunId=metric.task_run_id,
        type=metric.type,
        name=metric.name,
        value=metric.value,
        timestamp=iso(metric.at),
        tags=metric.tags,
    )
