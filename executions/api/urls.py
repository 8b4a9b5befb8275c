"""Addresses of executions and what they leave behind. Literal paths stand before those with a name in their place."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, path

from control_plane.kernel.api.fast import fast_view
from executions.api import acts, before, described, evaluation, execution, limits, lists, many, task_runs, trace_urls
from executions.api.create import create_view
from executions.api.usages import InstanceUsageView, TenantUsageView
from executions.permissions import EXECUTION
from executions.services import acting, bulk, repeating
from executions.services.limits import mend_places
from flows.permissions import FLOW

TENANT = "api/v1/<str:tenant>"
ANY_TENANT = "api/v1/<str:tenant_id>"
EXECUTIONS = f"{TENANT}/executions"
ONE = f"{EXECUTIONS}/<str:execution_id>"
TASK_RUNS = "api/v1/<str:tenant>/taskruns/<str:execution_id>"


_DELETING = frozenset({"kill"})


def _many() -> list[URLPattern]:
    """Every act on many, by ids and by query; killing is a DELETE."""
    found = []
    for verb in sorted(bulk.VERBS):
        method = "delete" if verb in _DELETING else "post"
        for way, handler in (("by-ids", many.by_ids(verb)), ("by-query", many.by_query(verb))):
            described.many_acted(verb, way, handler)
            view = fast_view(**{method: (bulk.act_on_many.asking(bulk.permission_of(verb)), handler)})
            found.append(path(f"{EXECUTIONS}/{verb}/{way}", view))
    return found


def _act(name: str, **methods: Any) -> URLPattern:
    return path(f"{ONE}/actions/{name}", fast_view(**methods))


urlpatterns = [
    path(f"{TENANT}/usages", TenantUsageView.as_view({"get": "show"})),
    path(f"{ANY_TENANT}/usages/all", InstanceUsageView.as_view({"get": "show"})),
    path(f"{ANY_TENANT}/stats/generate-reports", InstanceUsageView.as_view({"get": "report"})),
    *trace_urls.urlpatterns,
    path(f"{TENANT}/concurrency-limit/search", fast_view(get=(FLOW.LIST, limits.search))),
    path(
        f"{TENANT}/concurrency-limit/<str:namespace>/<str:flow_id>",
        fast_view(put=(mend_places, limits.update)),
    ),
    path(EXECUTIONS, fast_view(get=(EXECUTION.LIST, lists.of_flow))),
    path(f"{EXECUTIONS}/search", fast_view(get=(EXECUTION.LIST, lists.search))),
    path(f"{EXECUTIONS}/latest", fast_view(post=(EXECUTION.LIST, lists.latest))),
    path(f"{EXECUTIONS}/activity", fast_view(get=(EXECUTION.LIST, lists.counted))),
    path(f"{EXECUTIONS}/distinct-field-values", fast_view(get=(EXECUTION.LIST, lists.distinct))),
    path(f"{EXECUTIONS}/export/by-query/csv", fast_view(get=(EXECUTION.EXPORT, lists.export_csv))),
    *_many(),
    path(f"{EXECUTIONS}/operations/<str:operation_id>", fast_view(get=(EXECUTION.LIST, many.progress))),
    path(f"{EXECUTIONS}/by-ids", fast_view(delete=(acting.delete_execution, many.delete_by_ids))),
    path(f"{EXECUTIONS}/by-query", fast_view(delete=(acting.delete_execution, many.delete_by_query))),
    path(f"{EXECUTIONS}/namespaces", fast_view(get=(EXECUTION.CREATE, before.namespaces))),
    path(
        f"{EXECUTIONS}/namespaces/<str:namespace>/flows",
        fast_view(get=(EXECUTION.CREATE, before.flows_of_namespace)),
    ),
    path(f"{EXECUTIONS}/flows/<str:namespace>/<str:flow_id>", fast_view(get=(EXECUTION.VIEW, before.flow_of_name))),
    _act("eval", post=(EXECUTION.ACCESS_OUTPUTS, evaluation.evaluate)),
    _act("eval/<str:task_run_id>", post=(EXECUTION.ACCESS_OUTPUTS, evaluation.evaluate)),
    _act("kill", delete=(acting.kill_execution, acts.kill)),
    _act("pause", post=(acting.pause_execution, acts.pause)),
    _act("resume", post=(acting.resume_execution, acts.resume)),
    _act("resume/validate", post=(EXECUTION.RESUME, acts.validate_resume)),
    _act("resume-from-breakpoint", post=(acting.resume_from_breakpoint, acts.continue_)),
    _act("restart", post=(acting.restart_execution, acts.restart)),
    _act("replay", post=(repeating.replay_execution, acts.replay)),
    _act("replay-with-inputs", post=(repeating.replay_execution, acts.replay_with_inputs)),
    _act("change-status", post=(acting.change_status, acts.status)),
    _act("state", post=(acting.change_task_run_state, acts.task_run_state)),
    _act("labels", post=(acting.set_labels, acts.labels)),
    _act("force-run", post=(acting.force_run, acts.force)),
    _act("unqueue", post=(acting.unqueue_execution, acts.unqueue)),
    path(
        ONE,
        fast_view(get=(EXECUTION.VIEW, execution.read), delete=(acting.delete_execution, acts.delete)),
    ),
    path(TASK_RUNS, fast_view(get=(EXECUTION.VIEW, task_runs.listed))),
    path(f"{TASK_RUNS}/overview", fast_view(get=(EXECUTION.VIEW, task_runs.overview))),
    path(f"{TASK_RUNS}/<str:task_run_id>", fast_view(get=(EXECUTION.VIEW, task_runs.one))),
    path(f"{ONE}/flow", fast_view(get=(EXECUTION.VIEW, before.flow_of_execution))),
    path(f"{ONE}/graph", fast_view(get=(EXECUTION.VIEW, before.graph))),
    path(f"{EXECUTIONS}/<str:namespace>/<str:flow_id>/validate", fast_view(post=(EXECUTION.CREATE, before.validate))),
    path(f"{EXECUTIONS}/<str:namespace>/<str:flow_id>", create_view),
]
