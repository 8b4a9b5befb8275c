"""What is looked at before an execution is started: which flows, what they ask for, whether inputs fit."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from control_plane.kernel.actor import Context
from control_plane.kernel.api.query import number
from control_plane.kernel.authorization import authorizer, require, visible_to
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.clock import now
from executions import shapes
from executions.api.create import given_inputs, given_labels
from executions.permissions import EXECUTION
from executions.queries.execution import no_execution, read_execution
from executions.record.flow_source import running_revision
from executions.record.secret_inputs import sealing
from executions.starts.begin import Start, checks_of, record_of
from executions.starts.inputs import resolve
from executions.starts.runnable import flow_to_start
from flows.models import FlowRevision
from flows.permissions import FLOW
from flows.queries import get_flow, get_revision, living_flows, no_flow
from flows.topology.graph import flow_graph

Shape = dict[str, Any]
# A flow as those see it who may run it but not read its tasks' properties.
_TASK = ("id", "type", "tasks", "errors", "finally", "then", "else", "cases", "task", "dependsOn")
_HIDDEN = ("source", "variables", "pluginDefaults", "taskDefaults")


def validate(request: HttpRequest, ctx: Context, namespace: str, flow_id: str) -> Shape:
    """What a start with these inputs would make of them, storing nothing."""
    require(ctx, EXECUTION.CREATE, namespace, absent=no_flow(namespace, flow_id))
    flow = flow_to_start(namespace, flow_id, number(request.GET, "revision", 0, at_least=1) or None)
    running = running_revision(flow.revision_id)
    at = now()
    resolved = resolve(running.compiled, given_inputs(request), at, sealing(current_tenant(), namespace, flow_id))
    start = Start(
        flow.revision, flow.revision_id, current_tenant(), at, inputs=resolved.values, labels=given_labels(request.GET)
    )
    failed = [] if resolved.errors else checks_of(running, record_of(running, start), at)
    return shapes.checked_inputs(flow_id, namespace, resolved, failed)


def flow_of_name(request: HttpRequest, ctx: Context, namespace: str, flow_id: str) -> Shape:
    require(ctx, EXECUTION.VIEW, namespace, absent=no_flow(namespace, flow_id))
    revision = number(request.GET, "revision", 0, at_least=1) or None
    return _for_execution(get_revision(get_flow(namespace, flow_id), revision))


def flow_of_execution(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    return _for_execution(_revision_of(ctx, execution_id))


def graph(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    """Without FLOW.VIEW in its namespace the tasks show what they are, not what they do."""
    revision = _revision_of(ctx, execution_id)
    is_readable = authorizer().may(ctx, FLOW.VIEW, revision.flow.namespace)
    return flow_graph(revision.document if is_readable else _shown(revision.document)).as_json()


def _revision_of(ctx: Context, execution_id: str) -> FlowRevision:
    kept, _ = read_execution(execution_id)
    record = kept.record
    require(ctx, EXECUTION.VIEW, record.namespace, absent=no_execution(execution_id))
    return get_revision(get_flow(record.namespace, record.flow_id, allow_deleted=True), record.flow_revision)


def namespaces(request: HttpRequest, ctx: Context) -> list[str]:
    """Those in which there is a flow that the actor may start."""
    found = living_flows().filter(visible_to(ctx, EXECUTION.CREATE))
    return list(found.order_by("namespace").values_list("namespace", flat=True).distinct())


def flows_of_namespace(request: HttpRequest, ctx: Context, namespace: str) -> list[Shape]:
    found = living_flows().filter(visible_to(ctx, EXECUTION.CREATE), namespace=namespace).order_by("flow_id")
    return [_shown(flow.document) for flow in found]


def _for_execution(revision: FlowRevision) -> Shape:
    return _shown(revision.document)


def _shown(document: Shape) -> Shape:
    shown = {key: value for key, value in document.items() if key not in _HIDDEN}
    for branch in ("tasks", "errors", "finally", "afterExecution"):
        if branch in shown:
            shown[branch] = _tasks(shown[branch])
    if "triggers" in shown:
        shown["triggers"] = [{"id": each.get("id"), "type": each.get("type")} for each in shown["triggers"]]
    return shown


def _tasks(value: Any) -> Any:
    """Tasks however deep, without what they do."""
    if isinstance(value, list):
        return [_tasks(each) for each in value]
    if isinstance(value, dict):
        is_task = "type" in value or "task" in value
        return {key: _tasks(each) for key, each in value.items() if not is_task or key in _TASK}
    return value
