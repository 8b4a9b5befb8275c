"""What a job does with the stores: calls by name, and files as streams, all within where the job stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO

from control_plane.kernel.words.errors import BadParameter, Forbidden, NotFound
from plugins.storage.port import ObjectMissing
from stores.jobs import calls
from stores.storage.keys import is_below, key_of, namespace_file_key, namespace_files_prefix, task_file_key, uri_of
from stores.storage.place import storage
from workers.queue.kinds import Place
from workers.runtime.protocol import Stored
from workers.worker_api.job_access import LivingJob, living_job

OF_STORES = frozenset({"kv", "secrets", "state", "ciphers"})
_NAMESPACE = "nsfile://"


def resolve(token: str, address: str, names: list[str]) -> dict[str, Any]:
    """Variables that the claim did not bring."""
    with living_job(token, address) as job:
        return job.handler.resolve(job.subject_id, job.part_id, names)


def call(token: str, address: str, service: str, method: str, arguments: Mapping[str, Any]) -> Any:
    """One method of one service."""
    with living_job(token, address) as job:
        place = job.place
        if service in OF_STORES:
            return calls.call(_stores_place(place), service, method, arguments)
        own = _OWN.get((service, method))
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
    with living_job(token, address) as job:
        owner = _stores_place(job.place).namespace_or_own(namespace)
        key = namespace_file_key(job.tenant, owner, path)
    return Stored(uri=uri_of(key), size=storage().put(key, content))


def open_namespace_file(token: str, address: str, path: str, namespace: str | None) -> BinaryIO:
    with living_job(token, address) as job:
        owner = _stores_place(job.place).namespace_or_own(namespace)
        key = namespace_file_key(job.tenant, owner, path)
    return storage().open(key)


def _stores_place(place: Place) -> calls.JobPlace:
    return calls.JobPlace(place.namespace, place.flow_id, place.execution_id)


def _readable(job: LivingJob, place: Place, uri: str) -> str:
    """The key of an address that this job may read; a namespace file is called `nsfile://namespace/path`."""
    if uri.startswith(_NAMESPACE):
        named, _, path = uri.removeprefix(_NAMESPACE).partition("/")
        return namespace_file_key(job.tenant, _stores_place(place).namespace_or_own(named or None), path)
    key = key_of(job.tenant, uri)
    prefixes = (*place.readable, namespace_files_prefix(job.tenant, place.namespace))
    if not any(is_below(key, prefix) for prefix in prefixes):
        raise NotFound(f"`{uri[:200]}` is no file that this execution may read")
    return key


def _size(job: LivingJob, place: Place, *, uri: str) -> int:
    found = storage().stat(_readable(job, place, uri))
    if found is None:
        raise ObjectMissing(f"`{uri[:200]}` was not found")
    return found.size


def _exists(job: LivingJob, place: Place, *, uri: str) -> bool:
    return storage().stat(_readable(job, place, uri)) is not None


def _delete(job: LivingJob, place: Place, *, uri: str) -> bool:
    key = key_of(job.tenant, uri)
    if not is_below(key, place.files):
        raise Forbidden(f"`{uri[:200]}` is no file of this execution")
    return storage().delete(key)


def _purge_execution(job: LivingJob, place: Place) -> list[str]:
    uris = [uri_of(stored.key) for stored in storage().list(place.files)]
    storage().delete_prefix(place.files)
    return uris


def _list_namespace_files(job: LivingJob, place: Place, *, namespace: str | None = None) -> list[str]:
    prefix = namespace_files_prefix(job.tenant, _stores_place(place).namespace_or_own(namespace))
    return sorted("/" + stored.key.removeprefix(prefix) for stored in storage().list(prefix))


def _delete_namespace_file(job: LivingJob, place: Place, *, path: str, namespace: str | None = None) -> bool:
    owner = _stores_place(place).namespace_or_own(namespace)
    return storage().delete(namespace_file_key(job.tenant, owner, path))


def _file_uri(job: LivingJob, place: Place, *, uri: str) -> str:
    return uri_of(_readable(job, place, uri))


_OWN: dict[tuple[str, str], Any] = {
    ("storage", "size"): _size,
    ("storage", "exists"): _exists,
    ("storage", "delete"): _delete,
    ("storage", "purge_execution"): _purge_execution,
    ("files", "list"): _list_namespace_files,
    ("files", "delete"): _delete_namespace_file,
    ("expressions", "file_uri"): _file_uri,
}
