"""The stores of a simulated world, in memory: files, namespace files, secrets, key-value pairs."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from plugins.contracts import PluginError

STORAGE = "kestra://"


@dataclass(slots=True)
class MemoryStores:
    """Everything that outlives a job, shared by all executions of a simulation."""

    files: dict[str, bytes] = field(default_factory=dict)
    """Internal storage by path, without `kestra://`."""
    kept_at: dict[str, datetime] = field(default_factory=dict)
    """When a cache was kept, by its path."""
    namespace_files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    credentials: dict[str, str] = field(default_factory=dict)
    """Access tokens by the names of what gives them."""
    kv: dict[tuple[str, str], Any] = field(default_factory=dict)
    kv_ends: dict[tuple[str, str], datetime | None] = field(default_factory=dict)
    """When a pair expires."""

    def put(self, path: str, content: bytes) -> str:
        self.files[path] = content
        return f"{STORAGE}{path}"

    def read(self, uri: str) -> bytes:
        try:
            return self.files[uri.removeprefix(STORAGE)]
        except KeyError:
            raise PluginError(f"There is no file {uri}", retryable=False) from None


Answers = Mapping[str, Mapping[str, Callable[..., Any]]]


class Stores:
    """What one simulated job may reach; answers as the stores behind the worker API do.

    `answers` are services by name and method; `find` looks variables up by their dotted path.
    """

    def __init__(
        self,
        memory_stores: MemoryStores,
        folder: str,
        namespace: str,
        answers: Answers,
        find: Callable[[str], Any],
        http_service: Any = None,
    ) -> None:
        self._shelves = memory_stores
        self._namespace = namespace
        self._way_out = http_service
        self._folder = folder
        self._answers = answers
        self._find = find

    def service(self, name: str) -> Any:
        if name == "http" and self._way_out is not None:
            return self._way_out
        if name not in self._answers:
            raise KeyError(name)
        return _Files(self, name) if name == "files" else _Service(self, name)

    def call(self, service: str, method: str, arguments: dict[str, Any]) -> Any:
        answer = self._answers.get(service, {}).get(method)
        if answer is None:
            raise PluginError(f"`{service}.{method}` is not simulated", retryable=False)
        return answer(**arguments)

    def resolve(self, names: list[str]) -> dict[str, Any]:
        found = {name: self._find(name) for name in names}
        return {name: value for name, value in found.items() if value is not None}

    def upload(self, route: str, source: Path | BinaryIO, query: Mapping[str, str]) -> _Stored:
        content = source.read_bytes() if isinstance(source, Path) else source.read()
        if route == "files":
            return _Stored(self._shelves.put(f"{self._folder}/{query['name']}", content), len(content))
        namespace = query.get("namespace") or self._namespace
        self._shelves.namespace_files.setdefault(namespace, {})[query["path"]] = content
        return _Stored(f"{STORAGE}/{namespace.replace('.', '/')}/_files{query['path']}", len(content))

    def download(self, route: str, query: Mapping[str, str]) -> BinaryIO:
        if route == "files":
            return _stream(self._shelves.read(query["uri"]))
        files = self._shelves.namespace_files.get(query.get("namespace") or self._namespace, {})
        if query["path"] not in files:
            raise PluginError(f"There is no file {query['path']} in the namespace", retryable=False)
        return _stream(files[query["path"]])


@dataclass(frozen=True, slots=True)
class _Stored:
    uri: str
    size: int


class _Service:
    def __init__(self, stores: Stores, name: str) -> None:
        self._stores = stores
        self._name = name

    def __getattr__(self, method: str) -> Callable[..., Any]:
        return lambda **arguments: self._stores.call(self._name, method, arguments)


class _Files(_Service):
    def open(self, *, path: str, namespace: str | None = None) -> BinaryIO:
        return self._stores.download("namespace-files", {"path": path, "namespace": namespace or ""})

    def put(self, *, path: str, source: Path | BinaryIO, namespace: str | None = None) -> str:
        return self._stores.upload("namespace-files", source, {"path": path, "namespace": namespace or ""}).uri


def _stream(content: bytes) -> BinaryIO:
    return io.BytesIO(content)
