"""How kill switches are made, changed and taken away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import after_commit
from control_plane.kernel.words.errors import Invalid, NotFound, Violation
from governance.in_force.snapshot import snapshot
from governance.in_force.switches import Evaluation
from governance.kill_switches.shapes import switch_shape
from governance.models import KillSwitch
from governance.permissions import KILL_SWITCH
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that a person says of a switch. Without a tenant it covers the instance."""

    name: str
    evaluation: Evaluation
    start_date: datetime
    end_date: datetime | None = None
    description: str = ""
    tenant: str = ""
    namespace: str = ""
    flow_id: str = ""
    execution_ids: Sequence[str] = ()
    is_enabled: bool = True


def locked_switch(ctx: Context, *, switch_id: str) -> KillSwitch:
    found = KillSwitch.objects.select_for_update().filter(id=switch_id, is_deleted=False).first()
    if found is None:
        raise NotFound(f"Kill switch '{switch_id}' was not found")
    return found


@command(KILL_SWITCH.CREATE, instance=True)
def create_kill_switch(ctx: Context, *, wanted: Wanted) -> KillSwitch:
    """It applies within a second in every process. Invalid for a scope with holes, or dates that lie the wrong way."""
    _check(wanted)
    switch = KillSwitch.objects.create(**_columns(wanted))
    ctx.record(KILL_SWITCH.name, switch.id, namespace=switch.namespace or None, after=switch_shape(switch))
    after_commit(snapshot.forget)
    return switch


@command(KILL_SWITCH.UPDATE, on=locked_switch, instance=True)
def update_kill_switch(ctx: Context, *, switch_id: str, wanted: Wanted) -> KillSwitch:
    """Replace all of it. What it held and holds no more goes on; what it stopped stays stopped."""
    _check(wanted)
    switch = ctx.target_as(KillSwitch)
    before = switch_shape(switch)
    for name, value in _columns(wanted).items():
        setattr(switch, name, value)
    switch.is_lifted = False
    switch.save()
    ctx.record(KILL_SWITCH.name, switch.id, before=before, after=switch_shape(switch))
    after_commit(snapshot.forget)
    return switch


@command(KILL_SWITCH.DELETE, on=locked_switch, instance=True)
def delete_kill_switch(ctx: Context, *, switch_id: str) -> None:
    """Lift it for good. Its row stays, so that what bears its label can be explained."""
    switch = ctx.target_as(KillSwitch)
    before = switch_shape(switch)
    switch.is_deleted, switch.is_enabled, switch.is_lifted = True, False, False
    switch.save()
    ctx.record(KILL_SWITCH.name, switch.id, before=before)
    after_commit(snapshot.forget)


def _columns(wanted: Wanted) -> dict[str, Any]:
    return {
        "name": wanted.name,
        "description": wanted.description,
        "evaluation": wanted.evaluation.value,
        "for_tenant": wanted.tenant,
        "namespace": wanted.namespace,
        "flow_id": wanted.flow_id,
        "execution_ids": list(wanted.execution_ids),
        "start_date": wanted.start_date,
        "end_date": wanted.end_date,
        "is_enabled": wanted.is_enabled,
    }


def _check(wanted: Wanted) -> None:
    violations = [*_scope_violations(wanted)]
    if wanted.end_date is not None and wanted.end_date <= wanted.start_date:
        violations.append(Violation("it must end after it starts", "endDate"))
    if violations:
        raise Invalid(violations=violations)


def _scope_violations(wanted: Wanted) -> list[Violation]:
    """Each part of a scope needs the wider ones: a namespace its tenant, a flow its namespace."""
    found = []
    if wanted.tenant and not Tenant.objects.filter(id=wanted.tenant).exists():
        found.append(Violation(f"there is no tenant {wanted.tenant}", "tenantId"))
    if wanted.namespace and not wanted.tenant:
        found.append(Violation("a namespace needs its tenant", "tenantId"))
    if wanted.flow_id and not wanted.namespace:
        found.append(Violation("a flow needs its namespace", "namespace"))
    if wanted.execution_ids and not wanted.tenant:
        found.append(Violation("executions need their tenant", "tenantId"))
    return found
