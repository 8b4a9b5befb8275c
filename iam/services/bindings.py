"""Bindings: a role given to somebody, by somebody who holds all of it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import NotFound
from iam.access import require_held
from iam.authorization import versions
from iam.models import Binding, Group, Role, ServiceAccount, TenantAccess
from iam.permissions import BINDING
from iam.shapes import binding_facts
from tenants.namespaces.names import check_namespace


@dataclass(frozen=True)
class NewBinding:
    """Who (`type` says of which kind the id is) gets which role, where."""

    type: Literal["USER", "GROUP"]
    holder_id: str
    role_id: str
    namespace: str | None = None


def locked_binding(ctx: Context, *, binding_id: str) -> Target:
    binding = Binding.objects.select_for_update(of=("self",)).filter(id=binding_id).first()
    if binding is None:
        raise NotFound()
    return Target(binding)


@command(BINDING.CREATE)
def create_bindings(ctx: Context, *, wanted: list[NewBinding]) -> list[Binding]:
    """Give roles, all of them or none. Who is not of this tenant cannot be told from who does not exist."""
    made = [_make(ctx, each) for each in wanted]
    if made:
        versions.move_tenant(current_tenant())
    return made


def _make(ctx: Context, wanted: NewBinding) -> Binding:
    role = Role.objects.filter(id=wanted.role_id).first()
    if role is None:
        raise NotFound("there is no such role")
    if wanted.namespace is not None:
        check_namespace(wanted.namespace)
    require_held(ctx, role.permissions, wanted.namespace)
    binding = Binding.objects.create(role=role, namespace=wanted.namespace, **_holder(wanted))
    ctx.record("BINDING", binding.id, namespace=binding.namespace, after=binding_facts(binding))
    return binding


def _holder(wanted: NewBinding) -> dict[str, str]:
    if wanted.type == "GROUP" and Group.objects.filter(id=wanted.holder_id).exists():
        return {"group_id": wanted.holder_id}
    if wanted.type == "USER" and TenantAccess.objects.filter(user_id=wanted.holder_id).exists():
        return {"user_id": wanted.holder_id}
    if wanted.type == "USER" and ServiceAccount.objects.filter(id=wanted.holder_id).exists():
        return {"service_account_id": wanted.holder_id}
    raise NotFound(f"there is no such {wanted.type.lower()}")


@command(BINDING.DELETE, on=locked_binding)
def delete_binding(ctx: Context, *, binding_id: str) -> None:
    """Take a role away, from the next request on."""
    binding = ctx.target_as(Binding)
    before = binding_facts(binding)
    binding.delete()
    versions.move_tenant(current_tenant())
    ctx.record("BINDING", binding_id, namespace=binding.namespace, before=before)
