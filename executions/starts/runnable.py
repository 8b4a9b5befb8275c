"""Which flow is to be started, and whether it may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from control_plane.kernel.words.errors import Conflict, NotFound
from flows.queries import get_flow, get_head, get_revision


class FlowNotRunnable(Conflict):
    """The flow cannot be started as it is now."""

    code = "flow_not_runnable"


@dataclass(frozen=True, slots=True)
class FlowToStart:
    """One revision of a flow that may be started. The namespace is what rights are asked for.

    `at` is the database's clock when it was found.
    """

    namespace: str
    flow_id: str
    revision: int
    revision_id: str
    at: datetime


def flow_to_start(namespace: str, flow_id: str, revision: int | None = None) -> FlowToStart:
    """NotFound when there is none, or only drafts of it; FlowNotRunnable when it is disabled."""
    flow = get_head(namespace, flow_id)
    if flow.is_disabled:
        raise FlowNotRunnable(f"Flow '{namespace}.{flow_id}' is disabled")
    if revision is None:
        if flow.is_draft:
            raise NotFound("Requested Flow is not found.")
        return FlowToStart(namespace, flow_id, flow.revision, flow.revision_id, flow.at)
    row = get_revision(get_flow(namespace, flow_id), revision)
    if row.is_deleted:
        raise NotFound(f"Flow '{namespace}.{flow_id}' has no revision {revision}")
    return FlowToStart(namespace, flow_id, revision, row.id, flow.at)
