"""What a running task does to other executions, recorded as the job's act: resume one, purge old ones and logs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from audit.recording.trail import append
from control_plane.kernel.actor import Actor, ActorKind, Context
from control_plane.kernel.scope import after_commit, current_tenant
from control_plane.kernel.words.clock import iso, now, parse_iso
from control_plane.kernel.words.errors import BadParameter, Forbidden, NotFound
from executions.engine.records import Execution as Record
from executions.jobs import places
from executions.models import Execution, LogEntry, Metric, TaskRun
from executions.permissions import EXECUTION
from executions.record.files import forget_files, prefix_of
from executions.record.transitions import Transition, locked
from executions.services.acting import resume
from plugins.contracts import LogLevel, State
from stores.storage.keys import cache_key, is_below, key_of, uri_of
from stores.storage.place import storage
from tenants.queries import namespace_settings
from workers.queue.kinds import Place

MOST_AT_ONCE = 500
MOST_LINES_AT_ONCE = 10_000


def call(place: Place, service: str, method: str, arguments: Mapping[str, Any]) -> Any:
    """One method of a service that knows executions. BadParameter for what is not served or not understood."""
    function = _SERVED.get((service, method))
    if function is None:
        return places.call(place, service, method, arguments)
    try:
        return function(place, **arguments)
    except TypeError as error:
        raise BadParameter(f"`{service}.{method}` was called with other arguments than it takes") from error


def _resume(place: Place, *, execution_id: str, inputs: Mapping[str, Any] | None = None) -> None:
    transition = locked(execution_id).transition
    namespace = transition.execution.namespace
    if not _may_touch(place, namespace):
        raise Forbidden(f"executions of '{namespace}' may not be resumed from namespace '{place.namespace}'")
    ctx = _context(place)
    resume(ctx, transition, inputs or {})
    append(ctx, ctx.changes, action=None, by="executions.jobs.acts.resume")


def _purge_executions(
    place: Place,
    *,
    namespace: str | None = None,
    flow_id: str | None = None,
    start_date: str | None = None,
    end_date: str | None = None,
    states: Sequence[str] = (),
    executions: bool = True,
    logs: bool = True,
    metrics: bool = True,
    storage: bool = True,
    batch_size: int = 100,
    after: str | None = None,
) -> dict[str, Any]:
    """One batch of those that have ended, oldest first. `next` is there when more may follow: give it as `after`."""
    most = max(1, min(batch_size, MOST_AT_ONCE))
    chosen = Execution.objects.filter(_reached(place, namespace, flow_id), end_date__isnull=False)
    chosen = chosen.filter(state__in=[_state(name) for name in states]) if states else chosen
    rows = _page(_between(chosen, "start_date", start_date, end_date), after, most)
    held = [transition for row in rows if (transition := _ended(row.id)) is not None]
    ids = [transition.execution.id for transition in held]
    counts: dict[str, Any] = {
        "executionsCount": len(held) if executions else 0,
        "logsCount": _erase(LogEntry.objects.filter(execution_id__in=ids)) if logs else 0,
        "metricsCount": _erase(Metric.objects.filter(execution_id__in=ids)) if metrics else 0,
        "storagesCount": sum(_forget_files(transition.execution) for transition in held) if storage else 0,
    }
    for transition in held if executions else ():
        transition.remove(with_logs=False, with_metrics=False, with_files=False)
    what = {"executions": executions, "logs": logs, "metrics": metrics, "storage": storage}
    _tell(place, [transition.execution for transition in held], what)
    return counts | ({"next": _cursor(rows[-1])} if len(rows) == most else {})


def _ended(execution_id: str) -> Transition | None:
    """Held; None when it went meanwhile, or runs again."""
    try:
        transition = locked(execution_id).transition
    except NotFound:
        return None
    return transition if transition.execution.state.is_terminal else None


def _tell(place: Place, purged: Sequence[Record], what: Mapping[str, bool]) -> None:
    ctx = _context(place)
    for record in purged:
        shown = {"id": record.id, "flowId": record.flow_id, "state": record.state.value}
        after = None if what["executions"] else shown
        ctx.record(EXECUTION.name, record.id, namespace=record.namespace, before=shown, after=after, purged=dict(what))
    append(ctx, ctx.changes, action=None, by="executions.jobs.acts.purge")


def _purge_logs(
    place: Place,
    *,
    namespace: str | None = None,
    flow_id: str | None = None,
    execution_id: str | None = None,
    levels: Sequence[str] = (),
    start_date: str | None = None,
    end_date: str | None = None,
    limit: int = MOST_LINES_AT_ONCE,
) -> int:
    """Delete at most `limit` lines; return how many. Fewer than that means that none are left."""
    chosen = LogEntry.objects.filter(_reached(place, namespace, flow_id))
    chosen = chosen.filter(execution_id=execution_id) if execution_id else chosen
    chosen = chosen.filter(level__in=[LogLevel(name).value for name in levels]) if levels else chosen
    chosen = _between(chosen, "at", start_date, end_date)
    most = max(1, min(limit, MOST_LINES_AT_ONCE))
    count = _erase(LogEntry.objects.filter(pk__in=chosen.order_by().values("pk")[:most]))
    if count:
        ctx = _context(place)
        ctx.record(EXECUTION.name, execution_id or "", namespace=namespace or place.namespace, logsDeleted=count)
        append(ctx, ctx.changes, action=None, by="executions.jobs.acts.purge_logs")
    return count


def _find_cache(place: Place, *, ttl: float | None) -> str | None:
    """One whose time is over is gone."""
    key = _cache_of(place)
    found = storage().stat(key)
    if found is None:
        return None
    if ttl is not None and found.modified + timedelta(seconds=ttl) <= now():
        storage().delete(key)
        return None
    return uri_of(key)


def _keep_cache(place: Place, *, uri: str) -> None:
    source = key_of(current_tenant(), uri)
    if not is_below(source, place.files):
        raise NotFound(f"`{uri[:200]}` is no file of this execution")
    storage().copy(source, _cache_of(place))
    storage().delete(source)


def _cache_of(place: Place) -> str:
    run = TaskRun.objects.filter(id=place.task_run_id, execution_id=place.execution_id).only("path").first()
    values = list(run.path) if run is not None else []
    return cache_key(current_tenant(), place.namespace, place.flow_id, place.task_id, values)


def _toggle(place: Place, **arguments: Any) -> None:
    raise Forbidden("no trigger fires on this instance, so there is none to switch: change `disabled` in its flow")


def _context(place: Place) -> Context:
    """The act is the job's: its rights are where its flow stands, and the trail names the execution it belongs to."""
    name = f"{place.namespace}.{place.flow_id}/{place.task_id}"
    actor = Actor(ActorKind.JOB, place.execution_id, name, home=current_tenant(), credential=place.task_run_id)
    return Context(actor, current_tenant())


def _may_touch(place: Place, namespace: str) -> bool:
    """Its own namespace, those below it, and those that let this one in: what a person bound to it could reach."""
    return _covers(place.namespace, namespace) or any(_covers(each, place.namespace) for each in _let_in(namespace))


def _covers(namespace: str, other: str) -> bool:
    return f"{other}.".startswith(f"{namespace}.")


def _let_in(namespace: str) -> Iterable[str]:
    """The namespaces that the nearest of the namespace's settings allow to touch what is in it."""
    for settings in reversed(namespace_settings(namespace)):
        allowed = settings.settings.get("allowedNamespaces")
        if isinstance(allowed, list):
            return [str(each.get("namespace")) for each in allowed if isinstance(each, dict)]
    return ()


def _reached(place: Place, namespace: str | None, flow_id: str | None) -> Q:
    """A flow by its name, or a namespace with those below it; its own when none is named. Raises Forbidden."""
    wanted = namespace or place.namespace
    if not _may_touch(place, wanted):
        raise Forbidden(f"namespace '{wanted}' may not be changed from namespace '{place.namespace}'")
    if flow_id is not None:
        return Q(namespace=wanted, flow_id=flow_id)
    return Q(namespace=wanted) | Q(namespace__startswith=f"{wanted}.")


def _between(rows: QuerySet[Any], column: str, start: str | None, end: str | None) -> QuerySet[Any]:
    if start:
        rows = rows.filter(**{f"{column}__gte": _moment("startDate", start)})
    return rows.filter(**{f"{column}__lte": _moment("endDate", end)}) if end else rows


def _page(rows: QuerySet[Execution], after: str | None, most: int) -> list[Execution]:
    if after:
        date, _, last = after.partition("|")
        moment = _moment("after", date)
        rows = rows.filter(Q(start_date__gt=moment) | Q(start_date=moment, id__gt=last))
    return list(rows.order_by("start_date", "id").only("id", "start_date")[:most])


def _cursor(row: Execution) -> str:
    return f"{iso(row.start_date)}|{row.id}"


def _moment(name: str, text: str) -> datetime:
    try:
        return parse_iso(text)
    except ValueError:
        raise BadParameter(f"`{name}` must be a date, but is `{text[:50]}`") from None


def _state(name: str) -> str:
    try:
        return State(name).value
    except ValueError:
        raise BadParameter(f"`{name[:50]}` is no state") from None


def _erase(rows: QuerySet[Any]) -> int:
    return rows.delete()[0]


def _forget_files(record: Record) -> int:
    """Deleted once the act is certain; how many there are."""
    after_commit(lambda: forget_files(record))
    return sum(1 for _ in storage().list(prefix_of(record)))


_SERVED: dict[tuple[str, str], Callable[..., Any]] = {
    ("executions", "resume"): _resume,
    ("executions", "find_cache"): _find_cache,
    ("executions", "keep_cache"): _keep_cache,
    ("executions", "purge"): _purge_executions,
    ("logs", "purge"): _purge_logs,
    ("triggers", "toggle"): _toggle,
}
