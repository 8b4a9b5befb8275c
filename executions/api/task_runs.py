"""Task runs of an execution over HTTP, for whoever looks at a part of it: counted, by the page, and one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from control_plane.kernel.actor import Context
from control_plane.kernel.api.pages import page_of
from control_plane.kernel.api.query import flag, text
from control_plane.kernel.authorization import require
from control_plane.kernel.words.errors import BadParameter
from executions import shapes
from executions.permissions import EXECUTION
from executions.queries.execution import namespace_of, no_execution
from executions.queries.task_runs import (
    Listed,
    Overview,
    Wanted,
    page_of_task_runs,
    read_overview,
    task_run_with_way,
)
from plugins.contracts import State

Shape = dict[str, Any]


def overview(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    found = read_overview(execution_id)
    require(ctx, EXECUTION.VIEW, found.kept.record.namespace, absent=no_execution(execution_id))
    return overview_shape(found)


def listed(request: HttpRequest, ctx: Context, execution_id: str) -> Shape:
    require(ctx, EXECUTION.VIEW, namespace_of(execution_id), absent=no_execution(execution_id))
    runs, total = page_of_task_runs(execution_id, _wanted(request.GET), page_of(request.GET))
    return {"results": [_listed(run) for run in runs], "total": total}


def one(request: HttpRequest, ctx: Context, execution_id: str, task_run_id: str) -> Shape:
    require(ctx, EXECUTION.VIEW, namespace_of(execution_id), absent=no_execution(execution_id))
    run, way = task_run_with_way(execution_id, task_run_id)
    return {**_listed(run), "way": [{"taskRunId": step.task_run_id, "index": step.index} for step in way]}


def overview_shape(found: Overview) -> Shape:
    counted = [(each.task_id, each.state, each.count, each.newest) for each in found.counted]
    return shapes.overview(found.kept.record, counted, found.few, found.kept.log_seq)


def _wanted(query: Mapping[str, str]) -> Wanted:
    return Wanted(
        parent_id=text(query, "parentTaskRunId"),
        is_top=flag(query, "top"),
        states=_states(text(query, "state")),
        task_id=text(query, "taskId"),
        text=text(query, "q"),
        has_outputs=flag(query, "withOutputs"),
        is_leaf=flag(query, "leaves"),
    )


def _states(given: str | None) -> list[str]:
    names = given.split(",") if given else []
    for name in names:
        if name not in State.__members__:
            raise BadParameter(f"`{name[:50]}` is no state: use one of {', '.join(State)}")
    return names


def _listed(listed: Listed) -> Shape:
    return {**shapes.task_run(listed.run), "children": listed.children}
