"""Flows as the API shows them."""

from __future__ import annotations

from typing import Any

from control_plane.kernel.words.clock import iso
from flows.models import Flow, FlowRevision
from flows.transitions import Saved

SHOWN = ("tenant_id", "document", "updated_at")
"""The columns that a flow without its source is shown from."""


def flow_json(flow: Flow, *, with_source: bool = False) -> dict[str, Any]:
    """A flow as it is now."""
    shown = {**flow.document, "tenantId": flow.tenant_id, "updated": iso(flow.updated_at)}
    if with_source:
        shown["source"] = flow.source
    return shown


def revision_json(revision: FlowRevision, *, with_source: bool = False) -> dict[str, Any]:
    """A flow as it was."""
    shown = {**revision.document, "tenantId": revision.tenant_id, "updated": iso(revision.created_at)}
    if with_source:
        shown["source"] = revision.source
    return shown


def saved_json(saved: Saved) -> dict[str, Any]:
    """The revision that was just saved, or the one that was there already."""
    return revision_json(saved.revision, with_source=True)
