"""Counts of quotas: one row each, locked while an execution begins, so that two callers never share the last place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.words.ids import new_id
from governance.quotas.definitions import Kind, Quota

_MAKE = """
INSERT INTO quota_count (id, tenant_id, namespace, flow_id, key, start, count)
VALUES (%s, %s, %s, %s, %s, clock_timestamp(), 0) ON CONFLICT (tenant_id, namespace, flow_id, key) DO NOTHING"""
_LOCK = """
SELECT start, count, EXTRACT(EPOCH FROM clock_timestamp() - start)::float8 FROM quota_count
WHERE tenant_id = %s AND namespace = %s AND flow_id = %s AND key = %s FOR UPDATE"""
_BEGIN_AGAIN = """
UPDATE quota_count SET start = clock_timestamp(), count = 1
WHERE tenant_id = %s AND namespace = %s AND flow_id = %s AND key = %s"""
_COUNT = """
UPDATE quota_count SET count = count + 1
WHERE tenant_id = %s AND namespace = %s AND flow_id = %s AND key = %s"""
# What runs, turns of loops aside: they are parts of another execution.
_RUNNING = """
SELECT count(*) FROM execution
WHERE tenant_id = %s AND end_date IS NULL AND loop_run IS NULL AND id <> %s AND state NOT IN ('CREATED', 'QUEUED')
  AND (%s = '' OR namespace = %s OR namespace LIKE %s)"""


@dataclass(frozen=True, slots=True)
class Counted:
    """A quota with its count now; `seconds_left` until that begins again."""

    quota: Quota
    count: int
    seconds_left: float = 0.0
    is_over: bool = False
    """Whether its time is up, so that the next one begins it again."""

    @property
    def is_used_up(self) -> bool:
        return self.count >= self.quota.limit


def locked_counts(tenant: str, quotas: Sequence[Quota], execution_id: str) -> list[Counted]:
    """In the tenant's scope. Whoever asks for one of these next waits until this transaction ends."""
    ordered = sorted(quotas, key=lambda quota: quota.place)
    pipeline = Pipeline()
    for quota in ordered:
        pipeline.add(_MAKE, [new_id(), tenant, *quota.place])
    places = [pipeline.add(_LOCK, [tenant, *quota.place]) for quota in ordered]
    locked = pipeline.run()
    running = _running(tenant, ordered, execution_id)
    return [
        _counted(quota, locked[place][0], running.get(quota.place))
        for quota, place in zip(ordered, places, strict=True)
    ]


def count_one(tenant: str, counted: Sequence[Counted]) -> None:
    """One more begins, of those that are counted as they begin."""
    pipeline = Pipeline()
    for each in counted:
        if each.quota.kind is Kind.EXECUTIONS:
            pipeline.add(_BEGIN_AGAIN if each.is_over else _COUNT, [tenant, *each.quota.place])
    pipeline.run()


def running_in(tenant: str, namespace: str, besides: str = "") -> int:
    pipeline = Pipeline()
    place = pipeline.add(_RUNNING, [tenant, besides, namespace, namespace, f"{namespace}.%"])
    return int(pipeline.run()[place][0][0])


def _running(tenant: str, quotas: Sequence[Quota], execution_id: str) -> dict[tuple[str, str, str], int]:
    """Counted when their rows are locked, so that nobody begins meanwhile."""
    limits = [quota for quota in quotas if quota.kind is Kind.CONCURRENCY]
    return {quota.place: running_in(tenant, quota.namespace, execution_id) for quota in limits}


def _counted(quota: Quota, row: tuple[datetime, int, float], running: int | None) -> Counted:
    if running is not None:
        return Counted(quota, running)
    _, count, age = row
    if quota.kind is not Kind.EXECUTIONS:
        return Counted(quota, count, max(0.0, quota.seconds - age))
    is_over = age >= quota.seconds
    return Counted(quota, 0 if is_over else count, max(0.0, quota.seconds - age), is_over)
