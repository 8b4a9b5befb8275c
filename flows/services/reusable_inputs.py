"""Create, change and delete reusable inputs."""

from __future__ import annotations

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import needed
from control_plane.kernel.words.errors import Conflict, Invalid, NotFound, Violation
from flows.model.inputs.blocks import parse_block
from flows.models import ReusableInputs
from flows.permissions import REUSABLE_INPUTS
from flows.record.reusable_inputs import delete, locked, save
from tenants.namespaces.names import check_namespace


def block_to_save(ctx: Context, *, namespace: str, block_id: str) -> Target:
    """UPDATE for a block that is there, else CREATE."""
    block = locked(namespace, block_id)
    permission = REUSABLE_INPUTS.CREATE if block is None else REUSABLE_INPUTS.UPDATE
    absent = needed(REUSABLE_INPUTS.CREATE, namespace)
    return Target(block, namespace, exists=block is not None, permission=permission, absent=absent if block else None)


@command(REUSABLE_INPUTS.CREATE, on=block_to_save)
def save_block(
    ctx: Context, *, namespace: str, block_id: str, source: str, fails_if_exists: bool = False
) -> ReusableInputs:
    """Save the next revision. Invalid when the source breaks a rule or names another block."""
    kept = ctx.target if isinstance(ctx.target, ReusableInputs) else None
    if kept is not None and fails_if_exists:
        raise Conflict(f"Reusable inputs '{namespace}.{block_id}' exist already")
    check_namespace(namespace)
    parsed = parse_block(source)
    if parsed.block.id != block_id:
        raise _other("id", block_id)
    if parsed.block.namespace not in (None, namespace):
        raise _other("namespace", namespace)
    before = kept.document if kept is not None else None
    block, is_changed = save(kept, namespace, parsed, source, ctx.actor.name)
    if is_changed:
        told = {"blockId": block_id, "revision": block.revision}
        ctx.record(REUSABLE_INPUTS.name, block.id, namespace=namespace, before=before, after=block.document, **told)
    return block


def living_block(ctx: Context, *, namespace: str, block_id: str) -> Target:
    """One of the namespace itself. NotFound when it is inherited, or not there."""
    absent = NotFound(f"Reusable inputs '{namespace}.{block_id}' were not found")
    return Target(locked(namespace, block_id), namespace, absent=absent)


@command(REUSABLE_INPUTS.DELETE, on=living_block)
def delete_block(ctx: Context, *, namespace: str, block_id: str) -> None:
    """With all revisions. A flow that names the block cannot be started from then on."""
    block = ctx.target
    assert isinstance(block, ReusableInputs)
    ctx.record(REUSABLE_INPUTS.name, block.id, namespace=namespace, before=block.document, blockId=block_id)
    delete(block)


def _other(name: str, expected: str) -> Invalid:
    message = f"`{name}` must be `{expected}`, as in the address"
    return Invalid(message, violations=[Violation(message, name)])
