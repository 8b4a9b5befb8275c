"""Delete many flows, and bring a whole set of flows to what a text says."""

from __future__ import annotations

from dataclasses import dataclass

from audit.recording.commands import Target, command
from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import needed
from control_plane.kernel.permissions import Permission
from control_plane.kernel.words.errors import Invalid, Violation
from flows.access import defaults_for
from flows.exchange.documents import read_documents
from flows.hooks import check
from flows.model.errors import FlowInvalid
from flows.model.parse import DefaultsOf, ParsedFlow
from flows.models import Flow
from flows.permissions import FLOW
from flows.queries import living_flows
from flows.record.transitions import Draft, Saved, create, delete, locked, record, update
from flows.services.targets import Name, named_flows


@command(FLOW.DELETE, on=named_flows)
def delete_flows(ctx: Context, *, names: list[Name]) -> int:
    """Write a tombstone for each; return how many."""
    flows: list[Flow] = ctx.target  # type: ignore[assignment]  # `named_flows` returns a list
    for flow in flows:
        _delete(ctx, flow)
    return len(flows)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One flow of a set: what its document says, and the row that is there already."""

    parsed: ParsedFlow
    source: str
    row: Flow | None

    @property
    def exists(self) -> bool:
        return self.row is not None and not self.row.is_deleted

    @property
    def right(self) -> Permission:
        """What saving it asks for, by whether it is there."""
        return FLOW.UPDATE if self.exists else FLOW.CREATE

    @property
    def target(self) -> Target:
        namespace = self.parsed.flow.namespace
        return Target(self, namespace, self.exists, self.right, needed(FLOW.CREATE, namespace))


def wanted_flows(
    ctx: Context, *, sources: list[str], namespace: str | None, includes_children: bool, deletes_others: bool
) -> list[Target]:
    """Each document with the right it needs, create or update, and each flow that is to go."""
    wanted = [wanted_flow(source, parsed) for source, parsed in _parsed(sources, defaults_for(ctx))]
    if namespace is not None:
        _check_namespaces(wanted, namespace, includes_children)
    targets = [each.target for each in wanted]
    if deletes_others and namespace is not None and (includes_children or not wanted):
        # Whether there are others is told to whoever might delete them alone.
        targets.append(Target(None, namespace, exists=False, permission=FLOW.DELETE))
    if deletes_others:
        targets += [
            Target(flow, flow.namespace, True, FLOW.DELETE) for flow in _others(wanted, namespace, includes_children)
        ]
    return targets


@command(FLOW.UPDATE, on=wanted_flows)
def replace_flows(
    ctx: Context, *, sources: list[str], namespace: str | None, includes_children: bool, deletes_others: bool
) -> list[Saved]:
    """Create or update each, and delete the others of the namespaces named: all of it or nothing."""
    saved = []
    for each in ctx.target:  # type: ignore[attr-defined]  # `wanted_flows` returns a list
        if isinstance(each, Wanted):
            saved.append(save(ctx, each))
        elif isinstance(each, Flow):
            _delete(ctx, each)
    return saved


def save(ctx: Context, wanted: Wanted) -> Saved:
    """Create or update as it finds, and tell the audit trail. FlowInvalid for what may not be saved."""
    check(wanted.parsed.flow)
    draft = Draft(wanted.parsed, wanted.source, ctx.actor.name)
    saved = update(wanted.row, draft) if wanted.row is not None and wanted.exists else create(draft)
    record(ctx, saved)
    return saved


def wanted_flow(source: str, parsed: ParsedFlow) -> Wanted:
    return Wanted(parsed, source, locked(parsed.flow.namespace, parsed.flow.id))


def _parsed(sources: list[str], defaults: DefaultsOf) -> list[tuple[str, ParsedFlow]]:
    """Every document with its own text. FlowInvalid tells all that is wrong, each with the flow's number."""
    found: list[tuple[str, ParsedFlow]] = []
    violations: list[Violation] = []
    for source in sources:
        for number, (text, outcome) in enumerate(read_documents(source, defaults)):
            if isinstance(outcome, FlowInvalid):
                violations += [_numbered(number, violation) for violation in outcome.violations]
            else:
                found.append((text, outcome))
    if violations:
        raise FlowInvalid(violations)
    return sorted(found, key=lambda each: (each[1].flow.namespace, each[1].flow.id))


def _numbered(number: int, violation: Violation) -> Violation:
    path = f"flows[{number}].{violation.path}" if violation.path else f"flows[{number}]"
    return Violation(violation.message, path, violation.line, violation.column, violation.invalid_value)


def _check_namespaces(wanted: list[Wanted], namespace: str, includes_children: bool) -> None:
    strangers = [
        each.parsed.flow for each in wanted if not _is_in(each.parsed.flow.namespace, namespace, includes_children)
    ]
    if strangers:
        raise Invalid(
            f"Flow namespace is invalid, expected '{namespace}'",
            violations=[
                Violation(f"should equal to '{namespace}'", f"{flow.id}.namespace", invalid_value=flow.namespace)
                for flow in strangers
            ],
        )


def _is_in(namespace: str, root: str, includes_children: bool) -> bool:
    return namespace == root or (includes_children and namespace.startswith(f"{root}."))


def _others(wanted: list[Wanted], namespace: str | None, includes_children: bool) -> list[Flow]:
    """Flows of the namespaces concerned that the set does not name."""
    kept = {(each.parsed.flow.namespace, each.parsed.flow.id) for each in wanted}
    roots = {namespace} if namespace is not None else {each.parsed.flow.namespace for each in wanted}
    rows = living_flows().select_for_update().order_by("namespace", "flow_id")
    return [
        flow
        for flow in rows
        if any(_is_in(flow.namespace, root, includes_children) for root in roots)
        and (flow.namespace, flow.flow_id) not in kept
    ]


def _delete(ctx: Context, flow: Flow) -> None:
    before = flow.document
    delete(flow, ctx.actor.name)
    ctx.record("FLOW", flow.id, namespace=flow.namespace, before=before, flowId=flow.flow_id)
