"""What the endpoints of executions take and give, for the API's description."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from control_plane.kernel.api.answers import BulkResponse, IdWithNamespace, Label, Moment, PagedResults, Uri
from control_plane.kernel.api.schema import (
    BYTES,
    CSV,
    FILTERS,
    INPUTS,
    NOTHING,
    PAGE,
    PAGED,
    STREAMS,
    TEXT,
    Parameter,
    Query,
    Stream,
    describe,
)
from executions.api import (
    acts,
    answers,
    before,
    create,
    evaluation,
    execution,
    limits,
    lists,
    many,
    task_runs,
    usage_answers,
)
from executions.api.bodies import LabelsByIds, StateRequest
from executions.api.files import FileView
from executions.api.logs import LogView
from executions.api.metrics import MetricView
from executions.api.outputs import OutputView
from executions.api.usages import InstanceUsageView, TenantUsageView
from executions.permissions import EXECUTION
from flows.api.answers import FlowForExecution, FlowGraph

_needed = partial(Parameter, is_required=True)
_REVISION = (("revision", int),)
_PATH = _needed("path", Uri)
_KEPT: Query = (("deleteLogs", bool), ("deleteMetrics", bool), ("deleteStorage", bool))
_AGAIN: Query = (("taskRunId", str), *_REVISION, ("breakpoints", str))
_PERIOD: Query = (("startDate", Moment), ("endDate", Moment), ("aggregation", str))
_started = partial(describe, names={"flow_id": "id"})
_acted = partial(describe, answer=answers.ExecutionResponse)

describe(lists.search, query=PAGED, answer=PagedResults[answers.LightExecution])
describe(
    lists.of_flow,
    query=(_needed("namespace"), _needed("flowId"), *PAGE),
    answer=PagedResults[answers.LightExecution],
)
describe(lists.latest, body=list[IdWithNamespace], answer=list[answers.LastExecution])
describe(
    lists.counted,
    query=(*FILTERS, ("begin", Moment), ("end", Moment), ("intervals", int)),
    answer=answers.Activity,
)
describe(lists.distinct, query=(_needed("field"), *FILTERS, ("size", int)), answer=list[str])
describe(lists.export_csv, query=FILTERS, answer=CSV)
describe(limits.search, query=PAGED, answer=PagedResults[answers.ConcurrencyLimit])
describe(limits.update, body=limits.GivenLimit, answer=answers.ConcurrencyLimit)
describe(execution.read, answer=answers.Execution)
describe(task_runs.overview, answer=answers.ExecutionOverview)
describe(
    task_runs.listed,
    query=(
        *PAGE,
        ("parentTaskRunId", str),
        ("top", bool),
        ("state", str),
        ("taskId", str),
        ("q", str),
        ("withOutputs", bool),
        ("leaves", bool),
    ),
    answer=PagedResults[answers.ListedTaskRun],
)
describe(task_runs.one, answer=answers.TaskRunWithWay)

_started(
    create.create,
    body=INPUTS,
    query=(
        ("labels", list[str]),
        ("wait", bool),
        *_REVISION,
        ("scheduleDate", Moment),
        ("breakpoints", str),
        ("kind", answers.ExecutionKind),
    ),
    answer=answers.ExecutionResponse,
)
_started(before.validate, body=INPUTS, query=(("labels", list[str]), *_REVISION), answer=answers.ValidatedInputs)
describe(before.namespaces, answer=list[str])
describe(before.flows_of_namespace, answer=list[FlowForExecution])
describe(before.flow_of_name, query=_REVISION, answer=FlowForExecution)
describe(before.flow_of_execution, answer=FlowForExecution)
describe(before.graph, answer=FlowGraph)
describe(evaluation.evaluate, body=TEXT, answer=answers.EvalResult)

_acted(acts.kill, query=(("isOnKillCascade", bool),))
_acted(acts.pause, acts.force)
_acted(acts.resume, body=INPUTS)
_acted(acts.continue_, query=(("breakpoints", str),))
_acted(acts.restart, query=_REVISION)
_acted(acts.replay, query=_AGAIN)
_acted(acts.replay_with_inputs, body=INPUTS, query=_AGAIN)
_acted(acts.status, query=(_needed("status", answers.StateType),))
_acted(acts.task_run_state, body=StateRequest)
_acted(acts.labels, body=list[Label])
_acted(acts.unqueue, query=(("state", answers.StateType),))
describe(acts.delete, query=_KEPT, answer=NOTHING, status=204)
describe(acts.validate_resume, body=INPUTS, answer=answers.ValidatedInputs)

_ALL_KEPT: Query = (("includeNonTerminated", bool), *_KEPT)
describe(many.delete_by_ids, body=list[str], query=_ALL_KEPT, answer=BulkResponse)
describe(many.delete_by_query, query=(*FILTERS, *_ALL_KEPT), answer=BulkResponse)

describe(many.progress, answer=answers.BulkProgress)

_ARGUMENTS: dict[str, Query] = {
    "replay": (("latestRevision", bool),),
    "change-status": (_needed("newStatus", answers.StateType),),
}


def many_acted(verb: str, way: str, handler: Callable[..., Any]) -> None:
    """The same for a verb on many executions."""
    query = _ARGUMENTS.get(verb, ())
    if verb == "unqueue":
        query = (_needed("state", answers.StateType),) if way == "by-ids" else (("newState", answers.StateType),)
    if way == "by-ids":
        body: Any = LabelsByIds if verb == "labels" else list[str]
    else:
        body, query = (list[Label] if verb == "labels" else None), (*FILTERS, *query)
    describe(handler, body=body, query=query, answer=answers.AsyncOperation)


describe(LogView.search, query=(*PAGED, ("folded", bool)), answer=answers.PagedLogs)
describe(LogView.list, query=FILTERS, answer=list[answers.LogEntry])
describe(LogView.download, query=FILTERS, answer=TEXT)
describe(
    LogView.delete,
    query=(("minLevel", answers.Level), ("taskRunId", str), ("taskId", str), ("attempt", int)),
    answer=NOTHING,
)

_FOLLOWED = "/api/v1/{tenant}/executions/{executionId}"
STREAMS.extend(
    (
        Stream(
            f"{_FOLLOWED}/follow",
            EXECUTION.FOLLOW,
            answers.Execution,
            "The whole execution, again with each change of it, until it has ended.",
        ),
        Stream(
            f"{_FOLLOWED}/follow-dependencies",
            EXECUTION.FOLLOW,
            answers.ExecutionStatus,
            "The states of the execution and of its relatives, again with each change, until all of them have ended.",
            query=(("destinationOnly", bool), ("expandAll", bool)),
        ),
        Stream(
            "/api/v1/{tenant}/logs/{executionId}/follow",
            EXECUTION.ACCESS_LOGS,
            answers.FollowedLine,
            "The lines of an execution from the first, each as it comes, until the last.",
            query=(("minLevel", answers.Level), *FILTERS),
        ),
    )
)

describe(OutputView.of_execution, OutputView.read, answer=dict[str, Any])
describe(OutputView.list, answer=list[answers.TaskOutputInformation])
describe(FileView.download, query=(_PATH,), answer=BYTES)
describe(FileView.metas, query=(_PATH,), answer=answers.FileMetas)
describe(FileView.preview, query=(_PATH, ("maxRows", int), ("encoding", str)), answer=answers.FilePreview)

describe(
    MetricView.of_execution,
    query=(*PAGE, ("sort", list[str]), ("taskRunId", str), ("taskId", str)),
    answer=PagedResults[answers.MetricEntry],
)
describe(MetricView.names, MetricView.tasks, answer=list[str])
describe(MetricView.aggregate, query=_PERIOD, answer=answers.MetricAggregations)

_of_any = partial(describe, names={"tenant_id": "tenant"})
describe(TenantUsageView.show, answer=usage_answers.Usage)
_of_any(InstanceUsageView.show, answer=usage_answers.Usage)
_of_any(InstanceUsageView.report, query=(("from", date),), answer=BYTES)
