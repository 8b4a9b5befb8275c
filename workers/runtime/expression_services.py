"""What expressions may ask of the world while a job runs, answered by the stores of the job."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from control_plane.kernel.words.errors import ControlPlaneError
from flows.expressions import ExpressionError, ServiceError, UndefinedError, taint
from plugins.contracts import PluginError
from plugins.working_directory.files import HOST, NAMESPACE, STORAGE
from workers.runtime.services import Stores

MAX_READ_BYTES = 8 * 1024 * 1024
_HTTP_SECONDS = 10.0
CREDENTIAL_SECONDS = 60.0


class PairMissing(UndefinedError):
    """There is no such key; `??` takes it for any other thing that is not defined."""

    def __init__(self, key: str, namespace: str) -> None:
        ExpressionError.__init__(self, f"The key '{key}' does not exist in the namespace '{namespace}'.")
        self.name = key


class JobServices:
    """The port of the expression language. Secrets it hands out are shown to `seen`, so that nobody prints them."""

    def __init__(self, stores: Stores, seen: Callable[[Iterable[str]], None], namespace: str) -> None:
        self._stores = stores
        self._namespace = namespace
        self._seen = seen
        self._values: dict[tuple[str, str | None], str] = {}
        """Secrets that this attempt has read; they go with it."""

    def secret(self, key: str, namespace: str | None = None, subkey: str | None = None) -> str:
        name = (key.upper(), namespace)
        value = self._values.get(name)
        if value is None:
            value = self._values[name] = str(self._ask("secrets", "read", key=key, namespace=namespace))
            self._seen([value])
        if subkey is None:
            tainted: str = taint(value)
            return tainted
        return self._part(key, value, subkey)

    def _part(self, key: str, value: str, subkey: str) -> str:
        """One entry of a secret that is a JSON map."""
        try:
            parts = json.loads(value)
            part = parts[subkey]
        except (ValueError, TypeError, KeyError):
            raise ServiceError(f"The secret `{key}` has no entry `{subkey}`") from None
        text = part if isinstance(part, str) else json.dumps(part)
        self._seen([text])
        tainted: str = taint(text)
        return tainted

    def credential(self, name: str) -> str:
        """Its access token. While one is being asked for this waits, for `CREDENTIAL_SECONDS` at most."""
        ends_at = time.monotonic() + CREDENTIAL_SECONDS
        while True:
            found = self._ask("secrets", "credential", name=name)
            if "token" in found:
                value = str(found["token"])
                self._seen([value])
                return value
            pause = float(found["wait"])
            if time.monotonic() + pause > ends_at or self._stores.wait(pause):
                why = found.get("why") or "the token endpoint has not answered yet"
                raise ServiceError(f"The credential `{name}` gives no token: {why}")

    def kv(self, key: str, namespace: str | None, error_on_missing: bool) -> Any:
        found = self._ask("kv", "find", key=key, namespace=namespace)
        if found is None and error_on_missing:
            raise PairMissing(key, namespace or self._namespace)
        return None if found is None else found.get("value")

    def may_read(self, uri: str) -> bool:
        return bool(self._ask("storage", "may_read", uri=uri))

    def read(self, path: str, namespace: str | None = None) -> str:
        try:
            with self._open(path, namespace) as source:
                content: bytes = source.read(MAX_READ_BYTES + 1)
        except (PluginError, OSError) as error:
            raise ServiceError(str(error)) from error
        if len(content) > MAX_READ_BYTES:
            raise ServiceError(f"`{path}` is larger than {MAX_READ_BYTES // 1024 // 1024} MB: it cannot be read whole")
        return content.decode("utf-8", "replace")

    def _open(self, path: str, namespace: str | None) -> Any:
        if path.startswith(STORAGE):
            return self._stores.download("files", {"uri": path})
        namespace, path = _place(path, namespace)
        return self._stores.service("files").open(path=path, namespace=namespace)

    def file_size(self, path: str, namespace: str | None = None) -> int:
        size = self._ask("storage", "size", uri=self._address(path, namespace))
        return int(size)

    def file_exists(self, path: str, namespace: str | None = None) -> bool:
        return bool(self._ask("storage", "exists", uri=self._address(path, namespace)))

    def is_file_empty(self, path: str, namespace: str | None = None) -> bool:
        return self.file_size(path, namespace) == 0

    def file_uri(self, path: str, namespace: str | None = None) -> str:
        return str(self._ask("expressions", "file_uri", uri=self._address(path, namespace)))

    def _address(self, path: str, namespace: str | None) -> str:
        if path.startswith(STORAGE):
            return path
        namespace, path = _place(path, namespace)
        return f"{NAMESPACE}{namespace or ''}{path}"

    def http(self, request: Mapping[str, Any]) -> Any:
        import httpx

        method, uri = str(request.get("method", "GET")), str(request["uri"])
        try:
            with self._stores.service("http").client(timeout=_HTTP_SECONDS) as client:
                answer = client.request(
                    method,
                    uri,
                    headers=_headers(request),
                    params=request.get("queryParameters"),
                    content=_body(request),
                    follow_redirects=True,
                )
        except ControlPlaneError as error:
            raise ServiceError(error.message) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ServiceError(f"The request to {uri} failed: {error}") from error
        if answer.status_code >= 400:
            raise ServiceError(f"The request to {uri} failed with response code {answer.status_code}")
        return _decoded(answer.text, request, answer.headers.get("content-type", ""))

    def error_logs(self) -> list[Any]:
        return list(self._ask("expressions", "error_logs"))

    def tasks_with_state(self, state: str) -> list[Any]:
        return list(self._ask("expressions", "tasks_with_state", state=state))

    def app_link(self, app_id: str | None, base_url: bool) -> str:
        return str(self._ask("expressions", "app_link", app_id=app_id, base_url=base_url))

    def assets(self, criteria: Mapping[str, Any]) -> list[Any]:
        return list(self._ask("expressions", "assets", criteria=dict(criteria)))

    def random_port(self) -> int:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.bind(("", 0))
            return int(probe.getsockname()[1])

    def encryption_key(self, name: str) -> bytes:
        raise ServiceError(f"The key `{name}` is not known here")

    def _ask(self, service: str, method: str, **arguments: Any) -> Any:
        try:
            return self._stores.call(service, method, arguments)
        except PluginError as error:
            raise ServiceError(str(error)) from error


def _place(path: str, namespace: str | None) -> tuple[str | None, str]:
    """Namespace and absolute path of a namespace file, however it was written."""
    if path.startswith(HOST):
        raise ServiceError(f"The path {path.removeprefix(HOST)} is not authorized")
    if path.startswith(NAMESPACE):
        named, _, path = path.removeprefix(NAMESPACE).partition("/")
        namespace = named or namespace
    return namespace, "/" + path.lstrip("/")


def _headers(request: Mapping[str, Any]) -> dict[str, str]:
    headers = {str(name): str(value) for name, value in (request.get("headers") or {}).items()}
    for name, option in (("Content-Type", "contentType"), ("Accept", "accept")):
        if request.get(option):
            headers[name] = str(request[option])
    return headers


def _body(request: Mapping[str, Any]) -> bytes | None:
    body = request.get("body")
    if body is None:
        return None
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _decoded(text: str, request: Mapping[str, Any], content_type: str) -> Any:
    accepted = str(request.get("accept") or content_type)
    if "json" not in accepted:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
