"""Acts on many executions over HTTP: by their ids, or by what they have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest

from control_plane.kernel.actor import Context
from control_plane.kernel.api.bodies import read
from control_plane.kernel.api.json import decode
from control_plane.kernel.api.query import flag, required
from control_plane.kernel.api.views import Answer
from control_plane.kernel.authorization import admit, authorizer
from control_plane.kernel.words.clock import iso
from control_plane.kernel.words.errors import Conflict, ControlPlaneError, NotFound
from executions.api.acts import state_named
from executions.api.bodies import Labels, LabelsByIds, ids_in
from executions.models import BulkOperation
from executions.permissions import EXECUTION
from executions.queries.known import known_namespaces
from executions.queries.search import ExecutionFilters, visible_executions
from executions.services.acting import delete_execution
from executions.services.bulk import MOST, act_on_many, is_by, permission_of, states_for
from executions.services.deleting import delete_what_is_over
from plugins.contracts import State

Shape = dict[str, Any]
Handler = Callable[[HttpRequest, Context], object]


def by_ids(verb: str) -> Handler:
    def handle(request: HttpRequest, ctx: Context) -> Shape:
        body = decode(request.body) if request.body else []
        arguments = _arguments(verb, request)
        if verb == "labels":
            asked = read(LabelsByIds, body)
            arguments, body = {"labels": Labels.of(asked.execution_labels)}, asked.executions_id
        return _accepted(ctx, verb, ids_in(body), arguments)

    return _named(handle, f"{verb}_by_ids")


def by_query(verb: str) -> Handler:
    def handle(request: HttpRequest, ctx: Context) -> Shape:
        arguments = _arguments(verb, request)
        if verb == "labels":
            arguments = {"labels": Labels.read(decode(request.body) if request.body else [])}
        found = visible_executions(ctx, permission_of(verb)).filter(ExecutionFilters.matching(request.GET))
        fitting = found.filter(state__in=states_for(verb))
        return _accepted(ctx, verb, list(fitting.values_list("pk", flat=True)[:MOST]), arguments)

    return _named(handle, f"{verb}_by_query")


def _named(handle: Handler, name: str) -> Handler:
    handle.__name__ = name.replace("-", "_")
    return handle


def _arguments(verb: str, request: HttpRequest) -> Shape:
    query = request.GET
    if verb == "replay":
        return {"latestRevision": flag(query, "latestRevision")}
    if verb == "change-status":
        return {"state": state_named(required(query, "newStatus"), "newStatus").value}
    if verb == "unqueue":
        name = query.get("state") or query.get("newState") or State.RUNNING.value
        return {"state": state_named(name, "state").value}
    return {}


def _accepted(ctx: Context, verb: str, execution_ids: list[str], arguments: Mapping[str, Any]) -> Shape:
    operation = act_on_many(ctx, verb=verb, execution_ids=execution_ids, arguments=arguments)
    return {"operationId": operation.id, "totalItems": operation.total}


def progress(request: HttpRequest, ctx: Context, operation_id: str) -> Shape:
    """How far an act on many has come. Whoever asked for it may look, and who may see every execution."""
    operation = BulkOperation.objects.defer("execution_ids").filter(pk=operation_id).first()
    if operation is None or not (is_by(operation, ctx.actor) or authorizer().may(ctx, EXECUTION.LIST, None)):
        raise NotFound(f"Operation '{operation_id}' was not found")
    return {
        "operationId": operation.pk,
        "type": operation.verb,
        "state": "RUNNING" if operation.ended_at is None else "ENDED",
        "totalItems": operation.total,
        "doneItems": operation.done,
        "failedItems": operation.failed,
        "failures": [{"id": each, "message": reason} for each, reason in operation.failures.items()],
        "startDate": iso(operation.created_at),
        **({"endDate": iso(operation.ended_at)} if operation.ended_at is not None else {}),
    }


def delete_by_ids(request: HttpRequest, ctx: Context) -> object:
    admit(ctx, EXECUTION.DELETE)
    asked = ids_in(decode(request.body) if request.body else [])
    unknown = sorted(set(asked) - known_namespaces(ctx, EXECUTION.DELETE, asked).keys())
    if unknown:
        invalids = {each: f"Execution '{each}' was not found" for each in unknown[:100]}
        raise NotDeleted("some executions cannot be deleted", invalids=invalids)
    return _deleted(request, ctx, asked)


def delete_by_query(request: HttpRequest, ctx: Context) -> object:
    admit(ctx, EXECUTION.DELETE)
    found = visible_executions(ctx, EXECUTION.DELETE).filter(ExecutionFilters.matching(request.GET))
    if not flag(request.GET, "includeNonTerminated"):
        found = found.filter(end_date__isnull=False)
    return _deleted(request, ctx, list(found.values_list("pk", flat=True)[:MOST]))


def _deleted(request: HttpRequest, ctx: Context, execution_ids: list[str]) -> object:
    """All of them or none: what one refuses is undone for all."""
    query = request.GET
    options = {
        "includes_running": flag(query, "includeNonTerminated"),
        "deletes_logs": flag(query, "deleteLogs", True),
        "deletes_metrics": flag(query, "deleteMetrics", True),
        "deletes_storage": flag(query, "deleteStorage", True),
    }
    count, refused = _delete_each(ctx, execution_ids, options)
    if refused:
        raise NotDeleted("some executions cannot be deleted", invalids=refused)
    return Answer({"count": count})


def _delete_each(ctx: Context, execution_ids: list[str], options: Mapping[str, bool]) -> tuple[int, dict[str, str]]:
    """What is over at once, the others by one command each; how many were deleted, and why the others were not."""
    what = {name: value for name, value in options.items() if name != "includes_running"}
    over = set(delete_what_is_over(ctx, execution_ids=execution_ids, **what))
    refused: dict[str, str] = {}
    for execution_id in (each for each in execution_ids if each not in over):
        try:
            delete_execution(ctx, execution_id=execution_id, **options)
        except ControlPlaneError as error:
            refused[execution_id] = error.message
    return len(execution_ids) - len(refused), refused


class NotDeleted(Conflict):
    """Some of the executions cannot be deleted, so none was."""

    status = 422
    code = "not_deleted"
    reason = "Invalid entity"
