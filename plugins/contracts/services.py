"""The stores a running task may reach, by the name it asks `RunContext.service` for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

if TYPE_CHECKING:
    import httpx

    from control_plane.kernel.words.egress import EgressPolicy

# Each protocol is served twice: by the worker, which passes calls on with the token of the job, and by simulators.
# Arguments are given by name and are JSON, so that the worker can pass them on as they are; bytes go by streams.


class KeyValues(Protocol):
    """`kv`: typed values of a namespace. `namespace` None means the flow's own."""

    def find(self, *, key: str, namespace: str | None = None) -> Mapping[str, Any] | None:
        """`{"value": ..., "type": ...}`, or None when there is none or it has expired."""

    def put(
        self,
        *,
        key: str,
        value: Any,
        namespace: str | None = None,
        type: str | None = None,
        ttl: float | None = None,
        overwrite: bool = True,
        description: str | None = None,
    ) -> None:
        """`ttl` in seconds. PluginError when it exists and may not be overwritten."""

    def delete(self, *, key: str, namespace: str | None = None) -> bool: ...

    def keys(self, *, namespace: str | None = None, prefix: str = "") -> list[str]: ...

    def purge(
        self,
        *,
        namespace: str | None,
        key_pattern: str | None,
        expired_only: bool,
        children: bool,
        namespace_pattern: str | None = None,
    ) -> int: ...


class States(Protocol):
    """`state`: a small map that a flow keeps between its executions."""

    def read(self, *, name: str, namespace_wide: bool, value: str | None) -> dict[str, Any] | None: ...

    def write(self, *, name: str, data: Mapping[str, Any], namespace_wide: bool, value: str | None) -> str:
        """Keep the map; return the address it is kept under."""

    def delete(self, *, name: str, namespace_wide: bool, value: str | None) -> bool: ...


class NamespaceFiles(Protocol):
    """`files`: the files of a namespace. Paths begin with `/`."""

    def list(self, *, namespace: str | None = None) -> list[str]: ...

    def open(self, *, path: str, namespace: str | None = None) -> BinaryIO:
        """PluginError when there is none."""

    def put(self, *, path: str, source: Path | BinaryIO, namespace: str | None = None) -> str:
        """Write a file, replacing what was there; return its address."""

    def delete(self, *, path: str, namespace: str | None = None) -> bool: ...

    def purge(
        self,
        *,
        namespace: str | None,
        children: bool,
        namespace_pattern: str | None = None,
        pattern: str | None = None,
        before: str | None = None,
        keep: int | None = None,
    ) -> int:
        """Delete versions of files made before a date, and all but the newest `keep` of each; return how many."""


class InternalStorage(Protocol):
    """`storage`: files of executions by their `kestra://` address."""

    def size(self, *, uri: str) -> int: ...

    def exists(self, *, uri: str) -> bool: ...

    def delete(self, *, uri: str) -> bool: ...

    def purge_execution(self) -> list[str]:
        """Delete every file of this execution; return their addresses."""

    def purge_orphans(self, **criteria: Any) -> dict[str, Any]:
        """Delete a batch of files whose execution is gone; return how many executions' were looked at and purged, and
        how many files went.

        `next` is there when more may follow: it is given as `after` to go on.
        """


class Logs(Protocol):
    """`logs`: lines of executions of this tenant that the flow may see."""

    def fetch(
        self,
        *,
        execution_id: str | None,
        namespace: str | None = None,
        flow_id: str | None = None,
        task_ids: Sequence[str] = (),
        level: str | None = None,
        offset: int = 0,
        limit: int = 1000,
    ) -> list[dict[str, Any]]:
        """A page of lines in order; fewer than `limit` means that it is the last."""

    def purge(
        self,
        *,
        namespace: str | None,
        flow_id: str | None,
        execution_id: str | None,
        levels: Sequence[str],
        start_date: str | None,
        end_date: str | None,
        limit: int,
    ) -> int:
        """Delete at most `limit` lines; return how many. Fewer mean that none are left."""


class AuditTrail(Protocol):
    """`audit`: the trail of this tenant, for flows of the namespaces that the operator names."""

    def purge(
        self,
        *,
        end_date: str,
        start_date: str | None = None,
        namespace: str | None = None,
        flow_id: str | None = None,
        resources: Sequence[str] = (),
        actions: Sequence[str] = (),
        batch_size: int = 5_000,
    ) -> int:
        """Replace at most `batch_size` entries by tombstones; return how many. Fewer mean that none are left."""


class Executions(Protocol):
    """`executions`: other executions of this tenant, as far as the flow may see and touch them."""

    def count(
        self,
        *,
        flows: Sequence[Mapping[str, str]] = (),
        namespaces: Sequence[str] = (),
        states: Sequence[str] = (),
        start_date: str | None = None,
        end_date: str | None = None,
    ) -> list[dict[str, Any]]:
        """`{"namespace", "flowId", "count"}` for each flow asked for, and for each flow of the namespaces."""

    def resume(self, *, execution_id: str, inputs: Mapping[str, Any]) -> None: ...

    def find_cache(self, *, ttl: float | None) -> str | None:
        """Where the files are that this task of the flow has kept, unless that was more than `ttl` seconds ago."""

    def keep_cache(self, *, uri: str) -> None:
        """Take a file of this execution as the cache of this task of the flow."""

    def purge(self, **criteria: Any) -> dict[str, Any]:
        """Delete a batch of ended executions; return how many executions, logs, metrics and storages went.

        `next` is there when more may follow: it is given as `after` to go on.
        """


class Flows(Protocol):
    """`flows`: the flows of this tenant, as far as the flow may touch them."""

    def purge_revisions(
        self, *, namespace: str | None, flow_id: str | None, before: str | None, keep: int | None
    ) -> int:
        """Delete old revisions, never the one that runs nor the latest; return how many."""


class Triggers(Protocol):
    """`triggers`: the triggers of flows."""

    def toggle(self, *, namespace: str | None, flow_id: str | None, trigger: str, enabled: bool) -> None: ...


class Secrets(Protocol):
    """`secrets`: values this job is entitled to."""

    def read(self, *, key: str, namespace: str | None = None) -> str:
        """PluginError when there is none."""


class Egress(Protocol):
    """`http`: the one way out."""

    @property
    def policy(self) -> EgressPolicy:
        """For a client that judges by it what it connects to."""

    def client(self, *, verify: bool = True, timeout: Any = None) -> httpx.Client:
        """A client behind the policy of this worker; close it."""

    def resolve(self, *, host: str, port: int) -> list[str]:
        """The addresses a connection that is not HTTP may be made to. PluginError when one is refused."""


class Ciphers(Protocol):
    """`ciphers`: encrypts small values with the key of the tenant; only the platform can decrypt them."""

    def encrypt(self, *, text: str) -> str: ...


class Starts(Protocol):
    """`starts`: the executions of the trigger that is looked at, or listens. Nothing else has it."""

    def begin(
        self, *, found: Sequence[Mapping[str, Any]], key: str | None = None, value: Any = None, ttl: float | None = None
    ) -> None:
        """Start an execution for each, with these variables; they are certain once this returns.

        A pair of the namespace is written with them or not at all: what the trigger has seen. One that polls begins at
        most one execution a look; after a PluginError, when it is not known what has begun, a trigger begins no more.
        """


class LocalFiles(Protocol):
    """`local`: files of the worker's machine, in the folders that its operator names."""

    def path(self, *, name: str) -> Path:
        """Where a file or folder really lies, links followed. PluginError for anything outside of those folders."""

    def open_to_containers(self, *, asked: str) -> None:
        """PluginError for what gives a container the machine, unless the operator of the worker trusts flows."""
