"""The inputs that a flow shares with others, as its namespace sees them when it starts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from control_plane.kernel.authorization import require
from control_plane.kernel.words.errors import Forbidden, NotFound
from executions.starts.crossing import flow_context
from flows.model.inputs.blocks import parse_block
from flows.model.inputs.definitions import Input, ReusableInputsInput
from flows.model.inputs.forms import Blocks
from flows.namespace_settings.reusable_inputs import block_revision, find_block
from flows.permissions import REUSABLE_INPUTS
from tenants.namespaces.inheritance import lineage


def blocks_of(namespace: str) -> Blocks:
    """Finds them for flows of a namespace: its own, its parents', and those of a namespace that lets its flows in."""

    @cache
    def found(owner: str, ref: str, revision: int | None) -> Sequence[Input] | None:
        if not _may_see(namespace, owner):
            return None
        block = find_block(owner, ref)
        if block is None:
            return None
        try:
            source = block.source if revision is None else block_revision(block, revision).source
        except NotFound:
            return None
        return parse_block(source).block.inputs

    def find(reference: ReusableInputsInput) -> Sequence[Input] | None:
        return found(reference.namespace or namespace, reference.ref, reference.revision)

    return find


def _may_see(namespace: str, owner: str) -> bool:
    if owner in lineage(namespace):
        return True
    try:
        require(flow_context(namespace, ""), REUSABLE_INPUTS.VIEW, owner)
    except (Forbidden, NotFound):
        return False
    return True
