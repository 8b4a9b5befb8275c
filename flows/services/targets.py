"""What commands on flows are about: how one or many are named and loaded."""

from __future__ import annotations

from dataclasses import dataclass

from audit.recording.commands import Target
from control_plane.kernel.actor import Context
from flows.queries import no_flow
from flows.record.transitions import locked


@dataclass(frozen=True, slots=True, order=True)
class Name:
    """A flow by its namespace and id."""

    namespace: str
    flow_id: str


def living_flow(ctx: Context, *, namespace: str, flow_id: str) -> Target:
    """A flow to be changed, locked. NotFound when it is not there or was deleted."""
    flow = locked(namespace, flow_id)
    is_there = flow is not None and not flow.is_deleted
    return Target(flow if is_there else None, namespace, absent=no_flow(namespace, flow_id))


def named_flows(ctx: Context, *, names: list[Name]) -> list[Target]:
    """Several, each once, locked in one order everywhere so that two bulk changes cannot block each other."""
    return [living_flow(ctx, namespace=name.namespace, flow_id=name.flow_id) for name in sorted(set(names))]
