"""What runs by itself for quotas: measures what is stored and logged, and lets those go on that wait for room."""

from __future__ import annotations

from collections.abc import Iterator

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import across_tenants, instance_scope, tenant_scope
from control_plane.kernel.words.ids import new_id
from executions.record.sql import HOLDING_TENANTS
from executions.starts.held import BEGIN, HELD
from flows.queries import living_flows
from governance.quotas.counting import running_in
from governance.quotas.definitions import Kind, Quota, in_settings, quotas_in
from stores.storage.keys import flow_prefix, namespace_prefix, tenant_prefix
from stores.storage.place import storage
from tenants.models import Namespace, Tenant
from tenants.queries import tenant_settings

_LINES = """
SELECT count(*) FROM log_entry
WHERE tenant_id = %s AND at > clock_timestamp() - make_interval(secs => %s)
  AND (%s = '' OR namespace = %s OR namespace LIKE %s) AND (%s = '' OR flow_id = %s)"""
_KEEP = """
INSERT INTO quota_count (id, tenant_id, namespace, flow_id, key, start, count)
VALUES (%s, %s, %s, %s, %s, clock_timestamp(), %s)
ON CONFLICT (tenant_id, namespace, flow_id, key) DO UPDATE SET start = excluded.start, count = excluded.count"""
# Those that have waited longest, as many as there is room for.
_RELEASE = """
UPDATE timer SET due_at = clock_timestamp() WHERE id IN (
    SELECT timer.id FROM timer JOIN execution ON execution.id = timer.execution_id
    WHERE timer.key = %s AND timer.due_at = %s AND execution.tenant_id = %s
      AND (%s = '' OR execution.namespace = %s OR execution.namespace LIKE %s)
    ORDER BY execution.start_date, execution.id LIMIT %s FOR UPDATE OF timer SKIP LOCKED)"""


def measure() -> bool:
    """Lines and bytes are measured now and then: a start goes by the last figure."""
    with instance_scope():
        tenants = list(Tenant.objects.order_by("id").values_list("id", flat=True))
    for tenant in tenants:
        with tenant_scope(tenant):
            for quota in (*_quotas_here(), *_quotas_of_flows()):
                if quota.kind in (Kind.LOG_LINES, Kind.STORAGE):
                    _keep(tenant, quota, _measured(tenant, quota))
    return False


def release_waiting() -> bool:
    """Executions that wait for a place begin when there is one. Safe if two run at once: each is judged again."""
    pipeline = Pipeline()
    with across_tenants("tenants in which something is held"):
        place = pipeline.add(HOLDING_TENANTS, [BEGIN, HELD])
        tenants = [tenant for (tenant,) in pipeline.run()[place]]
    for tenant in tenants:
        with tenant_scope(tenant):
            for quota in _quotas_here():
                if quota.kind is Kind.CONCURRENCY and quota.behavior == "QUEUE":
                    _release(tenant, quota)
    return False


def _quotas_here() -> Iterator[Quota]:
    settings = [("", tenant_settings()), *Namespace.objects.order_by("name").values_list("name", "settings")]
    yield from in_settings(settings)


def _quotas_of_flows() -> Iterator[Quota]:
    rows = living_flows().filter(document__has_key="quotas").values_list("namespace", "flow_id", "document")
    for namespace, flow_id, document in rows:
        yield from quotas_in(document["quotas"], namespace, flow_id)


def _measured(tenant: str, quota: Quota) -> int:
    if quota.kind is Kind.STORAGE:
        return sum(stored.size for stored in storage().list(_prefix(tenant, quota)))
    pipeline = Pipeline()
    place = pipeline.add(_LINES, [tenant, quota.seconds, *_within(quota), quota.flow_id, quota.flow_id])
    return int(pipeline.run()[place][0][0])


def _prefix(tenant: str, quota: Quota) -> str:
    if quota.flow_id:
        return flow_prefix(tenant, quota.namespace, quota.flow_id)
    return namespace_prefix(tenant, quota.namespace) if quota.namespace else tenant_prefix(tenant)


def _keep(tenant: str, quota: Quota, count: int) -> None:
    pipeline = Pipeline()
    pipeline.add(_KEEP, [new_id(), tenant, *quota.place, count])
    pipeline.run()


def _release(tenant: str, quota: Quota) -> None:
    room = quota.limit - running_in(tenant, quota.namespace)
    if room > 0:
        pipeline = Pipeline()
        pipeline.add(_RELEASE, [BEGIN, HELD, tenant, *_within(quota), room])
        pipeline.run()


def _within(quota: Quota) -> list[str]:
    return [quota.namespace, quota.namespace, f"{quota.namespace}.%"]
