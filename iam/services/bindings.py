"""Bindings: a role given to somebody, by somebody who holds all of it there."""

from __future__ import annotations

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.words.errors import NotFound
from iam.models import Binding
from iam.permissions import BINDING
from iam.record.rights import NewBinding, make_binding, rights_change
from iam.shapes import binding_facts


def locked_binding(ctx: Context, *, binding_id: str) -> Target:
    binding = Binding.objects.select_for_update(of=("self",)).filter(id=binding_id).first()
    if binding is None:
        raise NotFound()
    return Target(binding)


@command(BINDING.CREATE)
def create_bindings(ctx: Context, *, wanted: list[NewBinding]) -> list[Binding]:
    """Give roles, all of them or none. Who is not of this tenant cannot be told from who does not exist."""
    return [make_binding(ctx, each) for each in wanted]


@command(BINDING.DELETE, on=locked_binding)
def delete_binding(ctx: Context, *, binding_id: str) -> None:
    """Take a role away, from the next request on. The last admin of a tenant stays."""
    binding = ctx.target_as(Binding)
    before = binding_facts(binding)
    with rights_change():
        binding.delete()
    ctx.record("BINDING", binding_id, namespace=binding.namespace, before=before)
