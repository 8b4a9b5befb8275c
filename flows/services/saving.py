"""Create, change and delete one flow."""

from __future__ import annotations

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from flows.access import defaults_for
from flows.hooks import check
from flows.model.flow import Flow as FlowDocument
from flows.model.parse import ParsedFlow, parse_flow
from flows.model.update import check_update
from flows.models import Flow
from flows.permissions import FLOW
from flows.record.transitions import Draft, Saved, create, delete, record, update
from flows.services.targets import living_flow


def flow_in_source(ctx: Context, *, source: str) -> Target:
    """What a source is about: the namespace it names. Raises FlowInvalid before anything is asked about rights."""
    parsed = parse_flow(source, defaults=defaults_for(ctx))
    return Target(parsed, parsed.flow.namespace, exists=False)


@command(FLOW.CREATE, on=flow_in_source)
def create_flow(ctx: Context, *, source: str, is_draft: bool = False) -> Saved:
    """Save a new flow. Invalid when it exists already, or its source breaks a rule."""
    assert isinstance(ctx.target, ParsedFlow)
    check(ctx.target.flow)
    saved = create(Draft(ctx.target, source, ctx.actor.name, is_draft))
    record(ctx, saved)
    return saved


@command(FLOW.UPDATE, on=living_flow)
def update_flow(ctx: Context, *, namespace: str, flow_id: str, source: str, is_draft: bool = False) -> Saved:
    """Save the next revision. The same source again makes none. Invalid when the source names another flow."""
    assert isinstance(ctx.target, Flow)
    parsed = parse_flow(source, defaults=defaults_for(ctx))
    # Only the name counts: a revision that no longer parses must not keep its flow from being mended.
    check_update(FlowDocument.model_construct(id=flow_id, namespace=namespace), parsed.flow)
    check(parsed.flow)
    saved = update(ctx.target, Draft(parsed, source, ctx.actor.name, is_draft))
    record(ctx, saved)
    return saved


@command(FLOW.DELETE, on=living_flow)
def delete_flow(ctx: Context, *, namespace: str, flow_id: str) -> None:
    """Write the tombstone. Its executions stay; creating the flow again revives it with all its revisions."""
    assert isinstance(ctx.target, Flow)
    before = ctx.target.document
    delete(ctx.target, ctx.actor.name)
    ctx.record("FLOW", ctx.target.id, namespace=namespace, before=before, flowId=flow_id)
