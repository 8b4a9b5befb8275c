"""Enable and disable flows."""

from __future__ import annotations

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from flows.editing.switching import switched
from flows.models import Flow
from flows.namespace_settings.surroundings import from_kept
from flows.permissions import FLOW
from flows.record.transitions import Draft, record, update
from flows.services.targets import Name, named_flows


@command(FLOW.ENABLE, on=named_flows)
def enable_flows(ctx: Context, *, names: list[Name]) -> int:
    """Enable each; return how many were disabled before."""
    return _switch(ctx, is_disabled=False)


@command(FLOW.DISABLE, on=named_flows)
def disable_flows(ctx: Context, *, names: list[Name]) -> int:
    """Disable each; return how many were enabled before. What runs goes on; nothing new starts."""
    return _switch(ctx, is_disabled=True)


def _switch(ctx: Context, is_disabled: bool) -> int:
    flows: list[Flow] = [flow for flow in ctx.target if flow.is_disabled is not is_disabled]  # type: ignore[attr-defined]  # `named_flows` returns a list
    for flow in flows:
        kept = flow.revisions.get(id=flow.revision_id)
        source, parsed = switched(flow.source, is_disabled, from_kept(kept.plugin_defaults))
        record(ctx, update(flow, Draft(parsed, source, ctx.actor.name)))
    return len(flows)
