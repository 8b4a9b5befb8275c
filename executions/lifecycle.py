"""What a tenant's going means for its executions."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import after_commit, current_tenant
from control_plane.kernel.sealed_rows import holds_sealed
from executions.models import (
    BulkOperation,
    ConcurrencySlot,
    Execution,
    LogEntry,
    Metric,
    OutboxEvent,
    TaskRun,
    Timer,
)
from plugins.storage.port import ObjectStorage
from stores.storage.keys import tenant_prefix
from stores.storage.routed import everything_of
from tenants.hooks import on_purge

logger = logging.getLogger(__name__)

_OWNED = (BulkOperation, ConcurrencySlot, OutboxEvent, Timer, LogEntry, Metric, TaskRun, Execution)


def register() -> None:
    """Called once, when the app is ready."""
    on_purge(remove_executions)
    holds_sealed(Execution, "inputs", "outputs", "variables", "trigger", places=_places)
    holds_sealed(TaskRun, "outputs", "value", "items", "frame", places=lambda row: [_text(row), _cipher(row)])
    holds_sealed(OutboxEvent, "payload", places=lambda row: [("order", row.tenant_id, row.execution_id), _text(row)])


def _places(row: Execution) -> list[tuple[str, ...]]:
    return [("input", row.tenant_id, row.namespace, row.flow_id), _text(row), _cipher(row)]


def _text(row: Execution | TaskRun | OutboxEvent) -> tuple[str, ...]:
    return ("text", row.tenant_id)


def _cipher(row: Execution | TaskRun) -> tuple[str, ...]:
    return ("cipher", row.tenant_id)


def remove_executions(ctx: Context) -> None:
    """Everything they left behind; the tenant's files go once the rows are gone for good."""
    for model in _OWNED:
        model.objects.all().delete()
    tenant = current_tenant()
    places = everything_of(tenant)
    after_commit(lambda: _forget_files(tenant, places))


def _forget_files(tenant: str, places: Sequence[ObjectStorage]) -> None:
    for each in places:
        try:
            each.delete_prefix(tenant_prefix(tenant))
        except Exception:
            logger.exception("files of tenant %s are left behind", tenant)
