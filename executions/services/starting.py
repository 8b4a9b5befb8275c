"""Start an execution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from audit.recording.commands import command
from control_plane.kernel.actor import Context
from control_plane.kernel.authorization import require
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.errors import Invalid, Violation
from control_plane.kernel.words.ids import new_id
from executions.engine.records import Execution
from executions.engine.start import FROM, forbidden_labels, unknown_inputs
from executions.permissions import EXECUTION
from executions.record.files import keepers
from executions.record.flow_source import running_revision
from executions.record.secret_inputs import sealing
from executions.starts.begin import Start, begin
from executions.starts.inputs import resolve_values
from executions.starts.runnable import FlowToStart, flow_to_start
from flows.model.inputs.ports import Keepers
from flows.queries import no_flow


class RefusedLabels(Invalid):
    """Labels of the system were given from outside."""

    code = "refused_labels"
    reason = "Illegal argument"

    def __init__(self, labels: Mapping[str, str]) -> None:
        told = [f"System labels can only be set by Kestra itself, offending label: {k}={v}" for k, v in labels.items()]
        violations = [Violation(message, name) for message, name in zip(told, labels, strict=True)]
        super().__init__("\n".join(told), violations=violations)


def runnable_flow(ctx: Context, *, namespace: str, flow_id: str, revision: int | None) -> FlowToStart:
    # In which state it is, is told to whoever may start it alone.
    require(ctx, EXECUTION.CREATE, namespace, absent=no_flow(namespace, flow_id))
    return flow_to_start(namespace, flow_id, revision)


@command(EXECUTION.CREATE, on=runnable_flow)
def start_execution(
    ctx: Context,
    *,
    namespace: str,
    flow_id: str,
    inputs: Mapping[str, Any] | None = None,
    revision: int | None = None,
    labels: Mapping[str, str] | None = None,
    schedule_date: datetime | None = None,
    breakpoints: Sequence[str] = (),
    kind: str | None = None,
    trigger: Mapping[str, Any] | None = None,
) -> Execution:
    """Write it and let it begin; files among the inputs are stored under the new execution's id."""
    refused = forbidden_labels(labels or {})
    if refused:
        raise RefusedLabels({name: (labels or {})[name] for name in refused})
    flow = ctx.target_as(FlowToStart)
    running = running_revision(flow.revision_id)
    at = flow.at
    execution_id = new_id()
    values = resolve_values(running.compiled, inputs or {}, at, _keepers(namespace, flow_id, execution_id))
    execution = begin(
        running,
        Start(
            revision=flow.revision,
            revision_id=flow.revision_id,
            tenant=current_tenant(),
            at=at,
            id=execution_id,
            inputs=values,
            labels={**(labels or {}), FROM: "api"},
            trigger=trigger,
            kind=kind,
            breakpoints=breakpoints,
            schedule_date=schedule_date,
            warnings=unknown_inputs(running.compiled, inputs or {}, values),
        ),
    )
    after = {"id": execution.id, "flowId": flow_id, "revision": flow.revision}
    ctx.record(EXECUTION.name, execution.id, namespace=namespace, after=after)
    return execution


def _keepers(namespace: str, flow_id: str, execution_id: str) -> Keepers:
    tenant = current_tenant()
    return sealing(tenant, namespace, flow_id, keepers(tenant, namespace, flow_id, execution_id))
