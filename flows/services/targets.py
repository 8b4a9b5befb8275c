"""What commands on flows are about: how one or many are named and loaded."""

from __future__ import annotations

from dataclasses import dataclass

from control_plane.kernel.actor import Context
from control_plane.kernel.words.errors import NotFound
from flows.models import Flow
from flows.record.transitions import locked


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A flow by its namespace and id."""

    namespace: str
    flow_id: str


def living_flow(ctx: Context, *, namespace: str, flow_id: str) -> Flow:
    """A flow to be changed, locked. NotFound when it is not there or was deleted."""
    flow = locked(namespace, flow_id)
    if flow is None or flow.is_deleted:
        raise NotFound(f"Flow '{namespace}.{flow_id}' was not found")
    return flow


def named_flows(ctx: Context, *, names: list[Name]) -> list[Flow]:
    """Several, each once, locked in one order everywhere so that two bulk changes cannot block each other."""
    return [living_flow(ctx, namespace=name.namespace, flow_id=name.flow_id) for name in sorted(set(names))]
