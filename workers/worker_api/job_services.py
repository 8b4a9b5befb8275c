"""What a job does with the stores: calls by name, and files as streams, all within where the job stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from os import SEEK_END
from typing import Any, BinaryIO

from audit.recording.commands import nothing_untold
from audit.recording.trail import append
from control_plane.kernel.authorization import require
from control_plane.kernel.scope import current_tenant
from control_plane.kernel.words.clock import parse_iso
from control_plane.kernel.words.errors import BadParameter, Forbidden, NotFound
from plugins.storage.port import ObjectMissing
from plugins.working_directory.files import matcher
from stores.files.services import tell_file_deleted, tell_file_put
from stores.jobs import calls
from stores.permissions import NAMESPACE_FILE
from stores.storage.keys import (
    is_below,
    key_of,
    namespace_file_key,
    namespace_files_prefix,
    namespace_of,
    namespace_prefix,
    task_file_key,
    uri_of,
)
from stores.storage.place import storage
from workers.queue.kinds import Place
from workers.runtime.protocol import Stored
from workers.worker_api.job_access import LivingJob, living_job

OF_STORES = frozenset({"kv", "secrets", "state", "ciphers"})
_NAMESPACE = "nsfile://"


def resolve(token: str, address: str, names: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Variables that the claim did not bring, and the secrets in them."""
    with living_job(token, address) as job:
        return job.handler.resolve(job.subject_id, job.part_id, names)


@dataclass(frozen=True, slots=True)
class Later:
    """What is left to be done once the scope has committed, and with it the entry that tells of it."""

    work: Callable[[], Any]


def call(token: str, address: str, service: str, method: str, arguments: Mapping[str, Any]) -> Any:
    """One method of one service. What it writes without an entry in the audit trail raises NotRecorded."""
    with living_job(token, address) as job:
        place = job.place
        with nothing_untold(place.ctx, f"{service}.{method}"):
            answer = _called(job, place, service, method, arguments)
    return answer.work() if isinstance(answer, Later) else answer


def _called(job: LivingJob, place: Place, service: str, method: str, arguments: Mapping[str, Any]) -> Any:
    if service in OF_STORES:
        return calls.call(_stores_place(place), service, method, arguments)
    own = OWN.get((service, method))
    if own is None:
        return job.handler.call(place, service, method, arguments)
    try:
        return own(job, place, **arguments)
    except TypeError as error:
        raise BadParameter(f"`{service}.{method}` was called with other arguments than it takes") from error


def keep_file(token: str, address: str, name: str, task_run_id: str | None, content: BinaryIO) -> Stored:
    """Keep a file of the job's task run. A child of a WorkingDirectory names its own task run."""
    with living_job(token, address) as job:
        place = job.place
        key = task_file_key(place.files, place.task_id, task_run_id or place.task_run_id, name)
    # Outside of the scope: an upload can take minutes, and a transaction must not.
    return Stored(uri=uri_of(key), size=storage().put(key, content))


def open_file(token: str, address: str, uri: str) -> BinaryIO:
    """A file that the execution may see, as a stream. NotFound for any other."""
    with living_job(token, address) as job:
        key = _readable(job, job.place, uri)
    return storage().open(key)


def keep_namespace_file(token: str, address: str, path: str, namespace: str | None, content: BinaryIO) -> Stored:
    """Write a file of a namespace, replacing what was there."""
    size = content.seek(0, SEEK_END)
    content.seek(0)
    with living_job(token, address) as job:
        place = job.place
        key = tell_file_put(place.ctx, namespace=namespace or place.namespace, path=path, size=size)
    return Stored(uri=uri_of(key), size=storage().put(key, content))


def open_namespace_file(token: str, address: str, path: str, namespace: str | None) -> BinaryIO:
    with living_job(token, address) as job:
        key = _namespace_file(job.place, namespace, path)
    return storage().open(key)


def _stores_place(place: Place) -> calls.JobPlace:
    return calls.JobPlace(place.ctx, place.flow_id)


def _namespace_file(place: Place, namespace: str | None, path: str) -> str:
    require(place.ctx, NAMESPACE_FILE.VIEW, namespace or place.namespace)
    return namespace_file_key(current_tenant(), namespace or place.namespace, path)


def _readable(job: LivingJob, place: Place, uri: str) -> str:
    """The key of an address that this job may read; a namespace file is called `nsfile://namespace/path`."""
    if uri.startswith(_NAMESPACE):
        named, _, path = uri.removeprefix(_NAMESPACE).partition("/")
        return _namespace_file(place, named or None, path)
    key = key_of(job.tenant, uri)
    prefixes = (place.files, place.caches, namespace_files_prefix(job.tenant, place.namespace))
    if not any(is_below(key, prefix) for prefix in prefixes) and not job.handler.may_read(place, key):
        raise NotFound(f"`{uri[:200]}` is no file that this execution may read")
    return key


def _size(job: LivingJob, place: Place, *, uri: str) -> int:
    found = storage().stat(_readable(job, place, uri))
    if found is None:
        raise ObjectMissing(f"`{uri[:200]}` was not found")
    return found.size


def _exists(job: LivingJob, place: Place, *, uri: str) -> bool:
    return storage().stat(_readable(job, place, uri)) is not None


def _may_read(job: LivingJob, place: Place, *, uri: str) -> bool:
    try:
        _readable(job, place, uri)
    except (BadParameter, Forbidden, NotFound):
        return False
    return True


def _delete(job: LivingJob, place: Place, *, uri: str) -> Later | bool:
    key = key_of(job.tenant, uri)
    if not is_below(key, place.files):
        raise Forbidden(f"`{uri[:200]}` is no file of this execution")
    if storage().stat(key) is None:
        return False
    _tell_files_deleted(place, [uri])
    return Later(lambda: storage().delete(key))


def _purge_execution(job: LivingJob, place: Place) -> Later:
    uris = [uri_of(stored.key) for stored in storage().list(place.files)]

    def purge() -> list[str]:
        storage().delete_prefix(place.files)
        return uris

    if uris:
        _tell_files_deleted(place, uris)
    return Later(purge)


def _tell_files_deleted(place: Place, uris: list[str]) -> None:
    """Of an execution's own files the trail knows how many went, and the first of them."""
    place.ctx.record("EXECUTION", place.execution_id, namespace=place.namespace, filesDeleted=len(uris), first=uris[0])
    append(place.ctx, place.ctx.changes, action=None, by="workers.worker_api.job_services")
    place.ctx.changes.clear()


def _list_namespace_files(job: LivingJob, place: Place, *, namespace: str | None = None) -> list[str]:
    require(place.ctx, NAMESPACE_FILE.LIST, namespace or place.namespace)
    prefix = namespace_files_prefix(job.tenant, namespace or place.namespace)
    return sorted("/" + stored.key.removeprefix(prefix) for stored in storage().list(prefix))


def _delete_namespace_file(job: LivingJob, place: Place, *, path: str, namespace: str | None = None) -> Later | bool:
    key = tell_file_deleted(place.ctx, namespace=namespace or place.namespace, path=path)
    return Later(lambda: storage().delete(key)) if key is not None else False


def _purge_namespace_files(
    job: LivingJob,
    place: Place,
    *,
    namespace: str | None = None,
    children: bool = False,
    namespace_pattern: str | None = None,
    pattern: str | None = None,
    before: str | None = None,
    keep: int | None = None,
) -> Later | int:
    """Versions of files made before a date. There is one of each, the newest: `keep` keeps it."""
    owner = namespace or place.namespace
    require(place.ctx, NAMESPACE_FILE.DELETE, owner)
    if keep is not None or before is None:
        return 0
    moment = _moment(before)
    prefix = namespace_prefix(job.tenant, owner) if children else namespace_files_prefix(job.tenant, owner)
    doomed = []
    for stored in storage().list(prefix):
        where = namespace_of(stored.key)
        if where is not None and stored.modified < moment and _is_like(where, namespace_pattern, pattern):
            key = tell_file_deleted(place.ctx, namespace=where[0], path=where[1])
            doomed += [key] if key is not None else []
    return Later(lambda: sum(storage().delete(key) for key in doomed))


def _is_like(where: tuple[str, str], namespace_pattern: str | None, pattern: str | None) -> bool:
    owner, path = where
    is_owner = namespace_pattern is None or fnmatchcase(owner, namespace_pattern)
    return is_owner and (pattern is None or matcher([pattern], recursive=True)(path))


def _moment(text: str) -> datetime:
    try:
        return parse_iso(text)
    except ValueError:
        raise BadParameter(f"`before` must be a date, but is `{text[:50]}`") from None


def _file_uri(job: LivingJob, place: Place, *, uri: str) -> str:
    return uri_of(_readable(job, place, uri))


OWN: dict[tuple[str, str], Any] = {
    ("storage", "size"): _size,
    ("storage", "exists"): _exists,
    ("storage", "may_read"): _may_read,
    ("storage", "delete"): _delete,
    ("storage", "purge_execution"): _purge_execution,
    ("files", "list"): _list_namespace_files,
    ("files", "delete"): _delete_namespace_file,
    ("files", "purge"): _purge_namespace_files,
    ("expressions", "file_uri"): _file_uri,
}
