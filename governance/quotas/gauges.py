"""How far quotas are used up, as people see it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from control_plane.kernel.api.bodies import without_nulls
from control_plane.kernel.words.clock import iso, now
from flows.queries import living_flows
from governance.models import QuotaCount
from governance.quotas.counting import running_in
from governance.quotas.definitions import Kind, Quota, in_settings, quotas_in
from tenants.models import Namespace
from tenants.queries import tenant_settings

Json = dict[str, Any]


def gauges(tenant: str) -> list[Json]:
    """Every quota in which something was counted, the widest first; one that nobody says any more is left out."""
    said = {quota.place: quota for quota in _said()}
    rows = QuotaCount.objects.order_by("namespace", "flow_id", "key")
    return [
        _gauge(tenant, row, said[place]) for row in rows if (place := (row.namespace, row.flow_id, row.key)) in said
    ]


def _said() -> list[Quota]:
    settings = [("", tenant_settings()), *Namespace.objects.order_by("name").values_list("name", "settings")]
    found = list(in_settings(settings))
    counted = QuotaCount.objects.exclude(flow_id="").values_list("flow_id", flat=True)
    rows = living_flows().filter(flow_id__in=counted).values_list("namespace", "flow_id", "document")
    for namespace, flow_id, document in rows:
        found += quotas_in(document.get("quotas"), namespace, flow_id)
    return found


def _gauge(tenant: str, row: QuotaCount, quota: Quota) -> Json:
    ends = row.start + timedelta(seconds=quota.seconds)
    is_over = quota.kind is Kind.EXECUTIONS and ends <= now()
    count = running_in(tenant, row.namespace) if quota.kind is Kind.CONCURRENCY else row.count
    return without_nulls(
        tenantId=tenant,
        namespace=row.namespace or None,
        flowId=row.flow_id or None,
        id=row.key,
        start=iso(row.start),
        count=0 if is_over else count,
        limit=quota.limit,
        behavior=quota.behavior,
        type=quota.kind.value,
        duration=quota.duration or None,
    )
