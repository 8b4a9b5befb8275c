"""The stores behind the worker API, as tasks and expressions see them: every call bears the token of its job."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import httpx
import msgspec

from control_plane.kernel.words.egress import EgressClient, EgressPolicy
from control_plane.kernel.words.errors import ControlPlaneError
from plugins.contracts import PluginError
from workers.runtime import protocol
from workers.runtime.api import Away, ControlPlane, Refused
from workers.runtime.local_paths import LocalPaths
from workers.runtime.masking import Masker
from workers.runtime.outputs import checked_outputs
from workers.runtime.stopping import Stop

T = TypeVar("T")

_SPOOL_BYTES = 1 << 20
_PATIENCE = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds between tries while the control plane is away."""

REMOTE = frozenset(
    {
        *("kv", "secrets", "state", "logs", "executions", "triggers", "storage", "ciphers", "expressions", "flows"),
        "audit",
    }
)
"""Services that are nothing but calls: each method goes to `POST jobs/{id}/services/{service}` with its arguments."""


_SHOWN = {("kv", "put"): "the pairs of the namespace", ("state", "write"): "the states of the flow"}


class Stores:
    """What one job may reach. Built once a job, and cheap: nothing is asked before somebody calls."""

    def __init__(
        self,
        api: ControlPlane,
        job_id: str,
        stop: Stop,
        egress: EgressPolicy,
        masker: Masker | None = None,
        local: LocalPaths | None = None,
    ) -> None:
        self._api = api
        self._path = f"jobs/{job_id}"
        self._stop = stop
        self._egress = egress
        self._masker = masker or Masker()
        self._starts = Starts(self)
        self._local = local or LocalPaths()

    def service(self, name: str) -> Any:
        """The service of that name. KeyError when there is none."""
        if name == "http":
            return Way(self._egress)
        if name == "files":
            return Files(self)
        if name == "starts":
            return self._starts
        if name == "local":
            return self._local
        if name in REMOTE:
            return Remote(self, name)
        raise KeyError(name)

    def resolve(self, names: Sequence[str]) -> dict[str, Any]:
        """Variables by dotted path; those that do not exist are left out."""
        body = protocol.Resolve(names=list(names))
        found = self.patiently(lambda: self._api.post(f"{self._path}/resolve", body, protocol.Resolved))
        self._masker.add(found.secrets)
        return found.values

    def call(self, service: str, method: str, arguments: dict[str, Any]) -> Any:
        """One call of a service. Raises PluginError with the words of the refusal."""
        if (service, method) in _SHOWN and self._masker.found_in(arguments):
            raise PluginError(
                f"A secret cannot be kept here: whoever may read {_SHOWN[service, method]} would read it. "
                "Keep it as a secret",
                retryable=False,
            )
        body = protocol.ServiceCall(method=method, arguments=arguments)
        path = f"{self._path}/services/{service}"
        return self.patiently(lambda: self._api.post(path, body, protocol.ServiceAnswer)).value

    def found(self, first: int, found: Sequence[Mapping[str, Any]], kept: protocol.Kept | None) -> None:
        """Tell what a trigger has found; it is certain once this returns. Raises PluginError."""
        plain = [checked_outputs(each) for each in found]
        if kept is not None and self._masker.found_in(kept.value):
            raise PluginError("A secret cannot be kept here: whoever may read the pairs would read it", retryable=False)
        secrets = self._masker.found_in(plain)
        body = protocol.Found(first=first, found=plain, secrets=secrets, kept=kept)
        self.patiently(lambda: self._api.post(f"{self._path}/found", body, protocol.Empty))

    def upload(self, route: str, source: Path | BinaryIO, query: Mapping[str, str]) -> protocol.Stored:
        """Stream a file up. A stream that cannot be read again is spooled, so that a broken connection is no end."""
        with _rereadable(source) as file:

            def send() -> protocol.Stored:
                file.seek(0)
                return self._api.upload(f"{self._path}/{route}", file, protocol.Stored, query)

            return self.patiently(send)

    def download(self, route: str, query: Mapping[str, str]) -> BinaryIO:
        return self.patiently(lambda: self._api.download(f"{self._path}/{route}", query))

    def wait(self, seconds: float) -> bool:
        """Wait so long; True when the job must stop instead."""
        return self._stop.wait(seconds)

    def patiently(self, ask: Callable[[], T]) -> T:
        """Ask, again while the control plane is away; a task that must stop waits no longer."""
        for pause in (*_PATIENCE, None):
            try:
                return ask()
            except Refused as error:
                raise PluginError(str(error), retryable=False) from error
            except Away as error:
                if pause is None or self._stop.wait(pause):
                    raise PluginError(f"The control plane does not answer: {error}") from error
        raise AssertionError("unreachable: the last round returns or raises")


class Remote:
    """A service whose methods are calls: `kv.find(key="a")` asks for `find` of `kv` with these arguments."""

    def __init__(self, stores: Stores, name: str) -> None:
        self._stores = stores
        self._name = name

    def __getattr__(self, method: str) -> Callable[..., Any]:
        if method.startswith("_"):
            raise AttributeError(method)
        return lambda **arguments: self._stores.call(self._name, method, _jsonable(arguments))


def _jsonable(arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        converted: dict[str, Any] = msgspec.to_builtins(arguments)
    except (TypeError, ValueError, RecursionError) as error:
        raise PluginError(f"This value cannot be sent: {error}", retryable=False) from error
    return converted


class Starts:
    """What a trigger has found starts executions, and is counted: what is told again starts nothing twice."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self._count = 0
        self._is_broken = False
        self._lock = threading.Lock()

    def begin(
        self, *, found: Sequence[Mapping[str, Any]], key: str | None = None, value: Any = None, ttl: float | None = None
    ) -> None:
        kept = protocol.Kept(key=key, value=value, ttl=ttl) if key is not None else None
        with self._lock:
            if self._is_broken:
                raise PluginError("It is not known whether what was found before has started an execution")
            self._is_broken = True
            self._stores.found(self._count, found, kept)
            self._is_broken = False
            self._count += len(found)

    @property
    def count(self) -> int:
        """How many it has started."""
        return self._count


class Files:
    """Files of namespaces: listed and deleted by calls, read and written as streams."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def list(self, *, namespace: str | None = None) -> list[str]:
        paths: list[str] = self._stores.call("files", "list", {"namespace": namespace})
        return paths

    def delete(self, *, path: str, namespace: str | None = None) -> bool:
        return bool(self._stores.call("files", "delete", {"path": path, "namespace": namespace}))

    def purge(self, **criteria: Any) -> int:
        return int(self._stores.call("files", "purge", _jsonable(criteria)))

    def open(self, *, path: str, namespace: str | None = None) -> BinaryIO:
        return self._stores.download("namespace-files", {"path": path, **_given(namespace)})

    def put(self, *, path: str, source: Path | BinaryIO, namespace: str | None = None) -> str:
        return self._stores.upload("namespace-files", source, {"path": path, **_given(namespace)}).uri


def _given(namespace: str | None) -> dict[str, str]:
    return {} if namespace is None else {"namespace": namespace}


class Way:
    """The way out, under the policy of this worker."""

    def __init__(self, policy: EgressPolicy) -> None:
        self._policy = policy

    @property
    def policy(self) -> EgressPolicy:
        return self._policy

    def client(self, *, verify: bool = True, timeout: httpx.Timeout | float | None = None) -> EgressClient:
        return EgressClient(self._policy, verify=verify, timeout=30.0 if timeout is None else timeout)

    def resolve(self, *, host: str, port: int) -> list[str]:
        try:
            return self._policy.resolve(host, port)
        except ControlPlaneError as error:
            raise PluginError(error.message, retryable=error.status >= 500) from error


@contextlib.contextmanager
def _rereadable(source: Path | BinaryIO) -> Iterator[BinaryIO]:
    if isinstance(source, Path):
        with source.open("rb") as opened:
            yield opened
    elif isinstance(source, io.BytesIO) or source.seekable():
        yield source
    else:
        with tempfile.SpooledTemporaryFile(_SPOOL_BYTES) as spool:
            shutil.copyfileobj(source, spool)
            yield spool  # type: ignore[misc]  # a spooled file is a binary stream in all but its declared type
