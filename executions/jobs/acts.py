"""What a running task does to other executions and its flow's caches: the commands of people, done as the job."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from audit.services.purging import purge_entries
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.clock import now, parse_iso
from control_plane.kernel.words.errors import BadParameter, NotFound
from executions.jobs import places
from executions.models import Execution, TaskRun
from executions.services.acting import resume_execution
from executions.services.purging import purge_executions, purge_logs, purge_orphaned_files
from flows.services.revisions import purge_revisions
from stores.storage.keys import cache_key, is_below, key_of, uri_of
from stores.storage.place import storage
from workers.queue.kinds import Place


def call(place: Place, service: str, method: str, arguments: Mapping[str, Any]) -> Any:
    """One method of a service that knows executions. BadParameter for what is not served or not understood."""
    function = SERVED.get((service, method))
    if function is None:
        return places.call(place, service, method, arguments)
    try:
        return function(place, **arguments)
    except TypeError as error:
        raise BadParameter(f"`{service}.{method}` was called with other arguments than it takes") from error


def _resume(place: Place, *, execution_id: str, inputs: Mapping[str, Any] | None = None) -> None:
    resume_execution(place.ctx, execution_id=execution_id, inputs=inputs)


def _purge_executions(place: Place, *, namespace: str | None = None, **criteria: Any) -> dict[str, Any]:
    """A batch of those that have ended in a namespace and below; its own when none is named."""
    return purge_executions(place.ctx, namespace=namespace or place.namespace, **criteria)


def _purge_logs(place: Place, *, namespace: str | None = None, **criteria: Any) -> int:
    return purge_logs(place.ctx, namespace=namespace or place.namespace, **criteria)


def _purge_orphans(place: Place, *, namespace: str | None = None, **criteria: Any) -> dict[str, Any]:
    """Files whose execution is gone, in a namespace and below."""
    return purge_orphaned_files(place.ctx, namespace=namespace or place.namespace, **criteria)


def _purge_revisions(
    place: Place,
    *,
    namespace: str | None = None,
    flow_id: str | None = None,
    before: str | None = None,
    keep: int | None = None,
) -> int:
    """Old revisions of flows, but those that something still runs by."""
    running = Execution.objects.filter(end_date__isnull=True).values_list("revision_id", flat=True).distinct()
    return purge_revisions(
        place.ctx,
        namespace=namespace or place.namespace,
        flow_id=flow_id,
        before=_moment(before) if before else None,
        keep=keep,
        spared=set(running),
    )


def _moment(text: str, name: str = "before") -> datetime:
    try:
        return parse_iso(text)
    except ValueError:
        raise BadParameter(f"`{name}` must be a date, but is `{text[:50]}`") from None


def _purge_entries(
    place: Place, *, end_date: str, start_date: str | None = None, batch_size: int = 5_000, **criteria: Any
) -> int:
    """A batch of the tenant's audit trail; only flows of the namespaces that the operator names may."""
    end, start = _moment(end_date, "endDate"), _moment(start_date, "startDate") if start_date else None
    return purge_entries(place.ctx, end=end, start=start, limit=batch_size, **criteria)


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


SERVED: dict[tuple[str, str], Callable[..., Any]] = {
    ("executions", "resume"): _resume,
    ("executions", "find_cache"): _find_cache,
    ("executions", "keep_cache"): _keep_cache,
    ("executions", "purge"): _purge_executions,
    ("logs", "purge"): _purge_logs,
    ("storage", "purge_orphans"): _purge_orphans,
    ("flows", "purge_revisions"): _purge_revisions,
    ("audit", "purge"): _purge_entries,
}


def serve(service: str, method: str, function: Callable[..., Any]) -> None:
    """Let a room above serve one more method: `function(place, **arguments)`, a command done as the job."""
    SERVED[service, method] = function
