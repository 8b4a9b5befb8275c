"""A tenant with old executions and what they left behind, policies, and a runner that works off all there is."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from audit.models import AuditEntry
from control_plane.kernel.config import config
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.words.clock import now
from executions.models import Execution, LogEntry, Metric, TaskRun
from governance.models import RetentionRun
from governance.retention.runner import Runner
from governance.retention.services import run_retention, save_retention
from stores.models import KvEntry
from stores.storage.keys import execution_prefix, tenant_prefix
from stores.storage.place import storage
from tests.cast import ACME, Cast

DAYS = {"olderThan": "P30D"}


def executions(
    count: int, *, days: int = 100, namespace: str = "prod.data", tenant: str = ACME, **columns: Any
) -> list[str]:
    """Ended so many days ago, each with a task run, two lines, a figure and a file of four bytes."""
    at = now() - timedelta(days=days)
    common = {
        "namespace": namespace,
        "flow_id": "hello",
        "flow_revision": 1,
        "revision_id": "r",
        "state": "SUCCESS",
        "history": [],
        "start_date": at,
        "end_date": at,
        "updated_at": at,
    }
    with tenant_scope(tenant):
        made = [Execution.objects.create(**(common | columns)) for _ in range(count)]
        for each in made:
            _leave_behind(each, at)
    return [each.id for each in made]


def _leave_behind(execution: Execution, at: datetime) -> None:
    of_it = {"execution_id": execution.id, "namespace": execution.namespace, "flow_id": "hello", "at": at}
    TaskRun.objects.create(execution_id=execution.id, task_id="t", seq=1, state="SUCCESS", history=[], branch="tasks")
    for seq in (1, 2):
        LogEntry.objects.create(seq=seq, level="INFO", message="m", **of_it)
    Metric.objects.create(type="counter", name="n", value=1, **of_it)
    storage().put(f"{prefix(execution)}tasks/t/r/one.txt", BytesIO(b"four"))


def all_files_are_old() -> None:
    """As if they had been written long ago."""
    then = (now() - timedelta(days=50)).timestamp()
    for path in config().storage_path.rglob("*"):
        os.utime(path, (then, then))


def prefix(execution: Execution) -> str:
    return execution_prefix(execution.tenant_id, execution.namespace, execution.flow_id, execution.id)


def policy(people: Cast, namespace: str = "", **rules: Any) -> None:
    save_retention(people.olga.context(ACME), namespace=namespace, rules=rules)


def run(people: Cast, namespace: str = "") -> RetentionRun:
    all_files_are_old()
    begun = run_retention(people.olga.context(ACME), namespace=namespace)
    work()
    return the_run(begun.id)


def the_run(run_id: str) -> RetentionRun:
    with tenant_scope(ACME):
        return RetentionRun.objects.get(pk=run_id)


def work() -> None:
    runner = Runner()
    while runner.carry_on():
        continue


def left(tenant: str = ACME) -> set[str]:
    with tenant_scope(tenant):
        return set(Execution.objects.values_list("id", flat=True))


def files(tenant: str = ACME) -> list[str]:
    return [each.key for each in storage().list(tenant_prefix(tenant))]


def pair(key: str, *, days: int, expired: int | None = None) -> None:
    with tenant_scope(ACME):
        runs_out = now() - timedelta(days=expired) if expired is not None else None
        KvEntry.objects.create(namespace="prod", key=key, type="STRING", value="v", expires_at=runs_out)
        KvEntry.objects.filter(key=key).update(updated_at=now() - timedelta(days=days))


def told() -> list[AuditEntry]:
    with tenant_scope(ACME):
        rows = AuditEntry.objects.filter(resource="POLICY").order_by("seq")
        return [entry for entry in rows if ".retention." in str(entry.body)]
