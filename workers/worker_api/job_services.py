"""What a job does with the stores: calls by name, and files as streams, all within where the job stands."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from os import SEEK_END
from typing import Any, BinaryIO

from audit.recording.commands import nothing_untold
from audit.recording.trail import append
from control_plane.kernel.authorization import require
from control_plane.kernel.words.clock import parse_iso
from control_plane.kernel.words.errors import BadParameter, Forbidden, NotFound
from plugins.storage.port import ObjectMissing
from plugins.working_directory.files import matcher
from stores.files.contents import check_size, keeping, key_of_content
from stores.files.purging import purge_revisions
from stores.files.queries import files_of, get_file
from stores.files.services import check_may_put, delete_entry, put_file
from stores.jobs import calls
from stores.jobs.later import Later
from stores.permissions import NAMESPACE_FILE
from stores.storage.keys import (
    is_below,
    key_of,
    namespace_file_key,
    namespace_of,
    task_file_key,
    uri_of,
)
from stores.storage.place import storage
from workers.queue.kinds import Place
from workers.runtime.protocol import Found, Stored
from workers.worker_api.job_access import LivingJob, living_job

OF_STORES = frozenset({"kv", "secrets", "state", "ciphers"})
_NAMESPACE = "nsfile://"


def resolve(token: str, address: str, names: list[str]) -> tuple[dict[str, Any], list[str]]:
    """Variables that the claim did not bring, and the secrets in them."""
    with living_job(token, address) as job:
        return job.handler.resolve(job.subject_id, job.part_id, names)


def take_found(token: str, address: str, found: Found) -> None:
    """What a trigger has found starts executions: as certain as a start by the API once this returns. Like every start
    that nobody asks for it is told by the execution itself, and by no entry of the trail."""
    with living_job(token, address) as job:
        job.handler.take_found(job.subject_id, address.rpartition(".")[2], found)


def call(token: str, address: str, service: str, method: str, arguments: Mapping[str, Any]) -> Any:
    """One method of one service. What it writes without an entry in the audit trail raises NotRecorded.

    A secret that another system keeps comes as a Reading, which is waited for without a thread.
    """
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
    """Write the next revision of a file of a namespace."""
    size = content.seek(0, SEEK_END)
    content.seek(0)
    check_size(size)
    with living_job(token, address) as job:
        place, tenant = job.place, job.tenant
        owner = namespace or place.namespace
        plain = check_may_put(place.ctx, namespace=owner, path=path)
    # Outside of the scope, as above.
    with keeping(tenant, owner) as contents:
        kept = contents.put(plain, content)
        with living_job(token, address) as job:
            put_file(job.place.ctx, namespace=owner, path=plain, content=kept)
    return Stored(uri=uri_of(namespace_file_key(tenant, owner, plain)), size=size)


def open_namespace_file(token: str, address: str, path: str, namespace: str | None) -> BinaryIO:
    with living_job(token, address) as job:
        key = _namespace_file(job.place, namespace, path)
    return storage().open(key)


def _stores_place(place: Place) -> calls.JobPlace:
    return calls.JobPlace(place.ctx, place.flow_id)


def _namespace_file(place: Place, namespace: str | None, path: str) -> str:
    """Where the content of a namespace file lies."""
    require(place.ctx, NAMESPACE_FILE.VIEW, namespace or place.namespace)
    return key_of_content(get_file(namespace or place.namespace, path))


def _readable(job: LivingJob, place: Place, uri: str) -> str:
    """The key of what an address names that this job may read.

    A namespace file is called `nsfile://namespace/path`, or by the address that writing it has given.
    """
    if uri.startswith(_NAMESPACE):
        named, _, path = uri.removeprefix(_NAMESPACE).partition("/")
        return _namespace_file(place, named or None, path)
    key = key_of(job.tenant, uri)
    named_file = namespace_of(key)
    if named_file is not None:
        return _namespace_file(place, *named_file)
    is_own = any(is_below(key, prefix) for prefix in (place.files, place.caches))
    if not is_own and not job.handler.may_read(place, key):
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
    return list(files_of(namespace or place.namespace).values_list("path", flat=True))


def _delete_namespace_file(job: LivingJob, place: Place, *, path: str, namespace: str | None = None) -> bool:
    return delete_entry(place.ctx, namespace=namespace or place.namespace, path=path)


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
) -> int:
    """Revisions of files made before a date, and all but the newest `keep` of each."""
    return purge_revisions(
        place.ctx,
        namespace=namespace or place.namespace,
        includes_children=children,
        namespace_pattern=namespace_pattern,
        wanted=matcher([pattern], recursive=True) if pattern is not None else lambda path: True,
        before=_moment(before) if before is not None else None,
        keep=keep,
    )


def _moment(text: str) -> datetime:
    try:
        return parse_iso(text)
    except ValueError:
        raise BadParameter(f"`before` must be a date, but is `{text[:50]}`") from None


def _file_uri(job: LivingJob, place: Place, *, uri: str) -> str:
    """The address of a file that may be read, whichever way it was named; a namespace file that is there."""
    _readable(job, place, uri)
    if not uri.startswith(_NAMESPACE):
        return uri_of(key_of(job.tenant, uri))
    named, _, path = uri.removeprefix(_NAMESPACE).partition("/")
    return uri_of(namespace_file_key(job.tenant, named or place.namespace, path))


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
