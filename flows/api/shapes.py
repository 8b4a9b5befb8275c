"""Flows as the API shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from control_plane.kernel.api.json import decode
from control_plane.kernel.words.clock import iso
from flows.models import Flow, FlowRevision
from flows.queries import living_flows
from flows.record.transitions import Saved

SHOWN = ("tenant_id", "document", "updated_at")
"""The columns that a flow without its source is shown from."""


def light_rows() -> QuerySet[Flow, Any]:
    """What `light` shows a flow of a list from."""
    return living_flows().values_list(*SHOWN)


def light(row: Sequence[Any]) -> dict[str, Any]:
    tenant_id, document, updated_at = row
    return _shown(decode(document), tenant_id, updated_at)


def flow_json(flow: Flow, *, with_source: bool = False) -> dict[str, Any]:
    """A flow as it is now."""
    shown = _shown(flow.document, flow.tenant_id, flow.updated_at)
    if with_source:
        shown["source"] = flow.source
    return shown


def revision_json(revision: FlowRevision, *, with_source: bool = False) -> dict[str, Any]:
    """A flow as it was."""
    shown = _shown(revision.document, revision.tenant_id, revision.created_at)
    if with_source:
        shown["source"] = revision.source
    return shown


def saved_json(saved: Saved) -> dict[str, Any]:
    """The revision that was just saved, or the one that was there already."""
    return revision_json(saved.revision, with_source=True)


def _shown(document: Mapping[str, Any], tenant_id: str, updated_at: datetime) -> dict[str, Any]:
    return {**document, "tenantId": tenant_id, "updated": iso(updated_at)}
