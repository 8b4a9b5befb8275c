"""What holds now, as this process knows it: read again after a second, so a start costs no query of its own."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

from control_plane.kernel.scope import instance_scope, tenant_or_none
from control_plane.kernel.snapshots import Snapshot
from governance.in_force.switches import Evaluation, Switch
from governance.models import KillSwitch, Maintenance


@dataclass(frozen=True, slots=True)
class InForce:
    """All switches that are enabled, those to come included, and whether the instance is in maintenance."""

    switches: tuple[Switch, ...] = ()
    is_maintained: bool = False


def _read() -> InForce:
    with nullcontext() if tenant_or_none() else instance_scope():
        rows = KillSwitch.objects.filter(is_enabled=True, is_deleted=False)
        return InForce(tuple(_switch(row) for row in rows), Maintenance.objects.exists())


def _switch(row: KillSwitch) -> Switch:
    return Switch(
        id=row.id,
        name=row.name,
        evaluation=Evaluation(row.evaluation),
        start=row.start_date,
        end=row.end_date,
        tenant=row.for_tenant,
        namespace=row.namespace,
        flow_id=row.flow_id,
        execution_ids=frozenset(row.execution_ids),
        description=row.description,
    )


snapshot = Snapshot(_read, InForce())
