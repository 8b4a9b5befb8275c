"""Flows that limit how many of their executions run at once: how many do, and how many wait for a place."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from executions.models import ConcurrencySlot, Execution
from flows.models import Flow
from flows.queries import living_flows
from plugins.contracts import State


def limited_flows() -> QuerySet[Flow]:
    """Of the open scope's tenant, each with `running` and `queued`."""
    same = {"namespace": OuterRef("namespace"), "flow_id": OuterRef("flow_id")}
    return (
        living_flows()
        .filter(document__concurrency__limit__isnull=False)
        .annotate(
            running=_counted(ConcurrencySlot.objects.filter(**same)),
            queued=_counted(Execution.objects.filter(**same, state=State.QUEUED.value)),
        )
    )


def _counted(rows: QuerySet[Any]) -> Coalesce:
    count = rows.order_by().values("namespace").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(count), 0, output_field=IntegerField())
