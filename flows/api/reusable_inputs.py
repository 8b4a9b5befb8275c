"""Reusable inputs over HTTP."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from control_plane.kernel.api.pages import listed, page_of
from control_plane.kernel.api.query import flag, number
from control_plane.kernel.api.views import Answer, TenantView
from control_plane.kernel.authorization import require, visible_to
from control_plane.kernel.words.clock import iso
from flows.api.bodies import source_in
from flows.models import ReusableInputs, ReusableInputsRevision
from flows.namespace_settings.reusable_inputs import block_revision, get_block, visible_blocks
from flows.permissions import REUSABLE_INPUTS
from flows.services.reusable_inputs import delete_block, save_block


class ReusableInputsView(TenantView):
    """`/namespaces/{namespace}/reusable-inputs...`: what a namespace has, and what it sees of its parents."""

    access = {
        "list": REUSABLE_INPUTS.LIST,
        "read": REUSABLE_INPUTS.VIEW,
        "save": save_block,
        "remove": delete_block,
        "revisions": REUSABLE_INPUTS.LIST,
        "namespaces": REUSABLE_INPUTS.LIST,
    }

    def list(self, request: Request, namespace: str) -> dict[str, Any]:
        require(self.ctx, REUSABLE_INPUTS.LIST, namespace)
        return listed(visible_blocks(namespace), page_of(self.query), _shown)

    def read(self, request: Request, namespace: str, block_id: str) -> dict[str, Any]:
        require(self.ctx, REUSABLE_INPUTS.VIEW, namespace)
        block = get_block(namespace, block_id)
        wanted = number(self.query, "revision", 0, at_least=1, at_most=2**31 - 1)
        return _revision(block_revision(block, wanted)) if wanted else _shown(block)

    def save(self, request: Request, namespace: str, block_id: str) -> dict[str, Any]:
        block = save_block(
            self.ctx,
            namespace=namespace,
            block_id=block_id,
            source=source_in(request),
            fails_if_exists=flag(self.query, "failIfExists"),
        )
        return _shown(block)

    def remove(self, request: Request, namespace: str, block_id: str) -> Answer:
        delete_block(self.ctx, namespace=namespace, block_id=block_id)
        return Answer(status=200)

    def revisions(self, request: Request, namespace: str, block_id: str) -> Any:
        """The newest last, as those of a flow."""
        require(self.ctx, REUSABLE_INPUTS.LIST, namespace)
        return [_revision(row) for row in get_block(namespace, block_id).revisions.order_by("revision")]

    def namespaces(self, request: Request) -> Any:
        rows = ReusableInputs.objects.filter(visible_to(self.ctx, REUSABLE_INPUTS.LIST))
        return [*rows.order_by("namespace").values_list("namespace", flat=True).distinct()]


def _shown(block: ReusableInputs) -> dict[str, Any]:
    told = {"revision": block.revision, "updated": iso(block.updated_at), "source": block.source}
    return {**block.document, **told}


def _revision(row: ReusableInputsRevision) -> dict[str, Any]:
    told = {"revision": row.revision, "updated": iso(row.created_at), "source": row.source}
    return {**row.document, **told}
