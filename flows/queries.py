"""Reads of flows: one by name, its revisions, and the parsed model that runs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from typing import Any

from django.db.models import QuerySet

from control_plane.kernel.pipeline import Pipeline
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import NotFound
from flows.model.flow import Flow as FlowDocument
from flows.model.parse import SAVED, parse_flow
from flows.models import Flow, FlowRevision
from flows.namespace_settings.surroundings import from_kept

_PARSED_KEPT = 512


class ParsedRevisions:
    """Parsed revisions of all tenants. A revision never changes, so nothing here grows stale; the least used leave."""

    def __init__(self, kept: int = _PARSED_KEPT) -> None:
        self._kept = kept
        self._parsed: OrderedDict[tuple[str, str], FlowDocument] = OrderedDict()
        self._lock = Lock()

    def get(self, tenant: str, revision_id: str) -> FlowDocument | None:
        with self._lock:
            found = self._parsed.get((tenant, revision_id))
            if found is not None:
                self._parsed.move_to_end((tenant, revision_id))
            return found

    def put(self, tenant: str, revision_id: str, document: FlowDocument) -> None:
        with self._lock:
            self._parsed[(tenant, revision_id)] = document
            while len(self._parsed) > self._kept:
                self._parsed.popitem(last=False)


_parsed = ParsedRevisions()


def living_flows() -> QuerySet[Flow]:
    """Flows of the open scope's tenant that are not deleted."""
    return Flow.objects.filter(is_deleted=False)


def no_flow(namespace: str, flow_id: str) -> NotFound:
    """What is said of one that is not there, or is hidden from whoever asks."""
    return NotFound(f"Flow '{namespace}.{flow_id}' was not found")


def get_flow(namespace: str, flow_id: str, *, allow_deleted: bool = False) -> Flow:
    """NotFound when there is none, or only its tombstone and that was not asked for."""
    flow = Flow.objects.filter(namespace=namespace, flow_id=flow_id).first()
    if flow is None or (flow.is_deleted and not allow_deleted):
        raise no_flow(namespace, flow_id)
    return flow


@dataclass(frozen=True, slots=True)
class FlowHead:
    """As much of a flow as a start asks for, and the database's clock when it was asked."""

    id: str
    revision: int
    revision_id: str
    is_disabled: bool
    is_draft: bool
    at: datetime


_HEAD = """
SELECT id, revision, revision_id, is_disabled, is_draft, clock_timestamp() FROM flow
WHERE tenant_id = %s AND namespace = %s AND flow_id = %s AND NOT is_deleted"""


def get_head(namespace: str, flow_id: str) -> FlowHead:
    """The same as `get_flow`, for the hot path: one planned statement, and no document."""
    pipeline = Pipeline()
    place = pipeline.add(_HEAD, [current_tenant(), namespace, flow_id])
    for row in pipeline.run()[place]:
        return FlowHead(*row)
    raise no_flow(namespace, flow_id)


def get_revision(flow: Flow, number: int | None = None) -> FlowRevision:
    """One revision by its number; without one the latest that is no draft. NotFound when it was never or is no more."""
    if number is None and not flow.is_deleted:
        return flow.revisions.get(id=flow.revision_id)
    revision = flow.revisions.filter(revision=number or flow.revision).first()
    if revision is None:
        raise NotFound(f"Flow '{flow.namespace}.{flow.flow_id}' has no revision {number}")
    return revision


def parsed_revision(revision_id: str) -> FlowDocument:
    """The model of one revision, parsed once a process. NotFound when its revision was deleted."""
    tenant = current_tenant()
    found = _parsed.get(tenant, revision_id)
    if found is None:
        row = FlowRevision.objects.filter(id=revision_id).first()
        if row is None:
            raise NotFound("This revision of the flow was deleted")
        found = parse_flow(row.source, defaults=from_kept(row.plugin_defaults), options=SAVED).flow
        _parsed.put(tenant, revision_id, found)
    return found


def find_task(document: Mapping[str, Any], task_id: str) -> dict[str, Any] | None:
    """A task as its author wrote it, however deep it stands in the document."""
    return next((task for task in _written_tasks(document) if task.get("id") == task_id), None)


def _written_tasks(node: Any) -> Iterator[dict[str, Any]]:
    for value in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
        if isinstance(value, dict) and "id" in value and "type" in value:
            yield value
        yield from _written_tasks(value)
