"""The HTTP API of a Docker Engine, or of Podman, which speaks it too: what a task's container needs of it."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO
from urllib.parse import quote

import httpx

from control_plane.kernel.words.errors import ControlPlaneError
from plugins.contracts import PluginError

_CHUNK = 1 << 16
_PATIENCE = httpx.Timeout(60.0, connect=10.0)
_FIRST_WORD_SECONDS = 5.0
_ENDLESS = httpx.Timeout(None, connect=10.0)
_THERE, _CONFLICT, _GONE = (200, 201, 204, 304), 409, 404


class SaysNothing(PluginError):
    """An engine has taken a question and not begun to answer it."""


class NameTaken(Exception):
    """A container of that name is there already."""


class Engine:
    """One engine. Every method raises PluginError with the engine's own words when it refuses, or does not answer."""

    def __init__(self, client: httpx.Client, address: str) -> None:
        self._client = client
        self._address = address
        self._reading: socket.socket | None = None

    def version(self) -> str:
        """What it is, as people call it."""
        told = self._ask("GET", "/version") or {}
        parts = told.get("Components") or [{"Name": "Engine", "Version": told.get("Version", "")}]
        return f"{parts[0].get('Name')} {parts[0].get('Version')}"

    def has_image(self, image: str) -> bool:
        return self._ask("GET", f"/images/{quote(image, safe='/:@')}/json", may_be_gone=True) is not None

    def pull(self, image: str, login: Mapping[str, Any] | None, stopped: Callable[[], str]) -> None:
        """Wait until the image is here, or `stopped` says why not. An error comes in the stream, after the status."""
        name, tag = _name_and_tag(image)
        headers = {"X-Registry-Auth": _encoded(login)} if login else {}
        query = {"fromImage": name, "tag": tag} if tag else {"fromImage": name}
        with self._stream("POST", "/images/create", params=query, headers=headers) as response:
            self._read_from(response)
            for line in response.iter_lines():
                if why := stopped():
                    raise PluginError(why, retryable=False)
                said = _json(line)
                if said.get("error"):
                    raise PluginError(f"The image {image} cannot be pulled: {said['error']}")

    def create(self, name: str, body: Mapping[str, Any]) -> str:
        """The id of a new container. Raises NameTaken."""
        response = self._send("POST", "/containers/create", params={"name": name}, json=body)
        if response.status_code == _CONFLICT:
            raise NameTaken
        return str(_json(_checked(response).text)["Id"])

    def find(self, name: str) -> dict[str, Any] | None:
        """What is known about the container of that name or id; None when there is none."""
        return self._ask("GET", f"/containers/{name}/json", may_be_gone=True)

    def start(self, container: str) -> None:
        self._ask("POST", f"/containers/{container}/start")

    @contextmanager
    def logs(self, container: str, *, follow: bool) -> Iterator[Iterator[bytes]]:
        """Both streams from their beginning, in frames: until the container ends, or what is there. Raises SaysNothing
        when not even a status comes: Podman sends none before the first byte of a log."""
        query = {"follow": "true" if follow else "false", "stdout": "true", "stderr": "true"}
        path = f"/containers/{container}/logs"
        with self._stream("GET", path, first_word=_FIRST_WORD_SECONDS if follow else None, params=query) as response:
            self._read_from(response)
            yield response.iter_bytes()

    def _read_from(self, response: httpx.Response) -> None:
        stream = response.extensions.get("network_stream")
        self._reading = stream.get_extra_info("socket") if stream is not None else None

    def hang_up(self) -> None:
        """End the reading of a stream, from another thread; what goes on in the engine goes on."""
        if self._reading is not None:
            with contextlib.suppress(OSError):
                self._reading.shutdown(socket.SHUT_RDWR)

    def wait(self, container: str) -> int:
        """The exit code, once it has ended."""
        response = self._send("POST", f"/containers/{container}/wait", timeout=_ENDLESS)
        return int(_json(_checked(response).text)["StatusCode"])

    def stop(self, container: str, grace_seconds: float) -> None:
        """Ask it to end and kill it after the grace; at once without. Ended already is as good."""
        if grace_seconds >= 1:
            query = {"t": str(round(grace_seconds))}
            response = self._send("POST", f"/containers/{container}/stop", params=query, timeout=_ENDLESS)
        else:
            response = self._send("POST", f"/containers/{container}/kill")
        if response.status_code not in (*_THERE, _CONFLICT, _GONE, 500):
            _checked(response)

    def put(self, container: str, archive: BinaryIO) -> None:
        content = iter(lambda: archive.read(_CHUNK), b"")
        headers = {"Content-Type": "application/x-tar"}
        path = f"/containers/{container}/archive"
        _checked(self._send("PUT", path, params={"path": "/"}, content=content, headers=headers, timeout=_ENDLESS))

    @contextmanager
    def get(self, container: str, path: str) -> Iterator[Iterator[bytes]]:
        with self._stream("GET", f"/containers/{container}/archive", params={"path": path}) as response:
            yield response.iter_bytes()

    def rename(self, container: str, name: str) -> None:
        _checked(self._send("POST", f"/containers/{container}/rename", params={"name": name}))

    def remove(self, container: str) -> None:
        """With its anonymous volumes, running or not. Gone already is as good."""
        response = self._send("DELETE", f"/containers/{container}", params={"force": "true", "v": "true"})
        if response.status_code not in (_CONFLICT, _GONE):
            _checked(response)

    def _ask(self, method: str, path: str, *, may_be_gone: bool = False) -> dict[str, Any] | None:
        response = self._send(method, path)
        if may_be_gone and response.status_code == _GONE:
            return None
        return _json(_checked(response).text)

    def _send(self, method: str, path: str, *, timeout: httpx.Timeout = _PATIENCE, **about: Any) -> httpx.Response:
        with self._told():
            return self._client.request(method, self._address + path, timeout=timeout, **about)

    @contextmanager
    def _stream(
        self, method: str, path: str, *, first_word: float | None = None, **about: Any
    ) -> Iterator[httpx.Response]:
        """`first_word` bounds the wait for a status, in seconds; what follows may take as long as it takes."""
        timeout = httpx.Timeout(None, connect=10.0, read=first_word)
        with self._told(), self._opened(method, path, timeout, **about) as response:
            if response.status_code not in _THERE:
                response.read()
            yield _checked(response)

    @contextmanager
    def _opened(self, method: str, path: str, timeout: httpx.Timeout, **about: Any) -> Iterator[httpx.Response]:
        request = self._client.build_request(method, self._address + path, timeout=timeout, **about)
        try:
            response = self._client.send(request, stream=True)
        except httpx.ReadTimeout as error:
            raise SaysNothing("The container engine does not begin to answer") from error
        request.extensions["timeout"]["read"] = None
        try:
            yield response
        finally:
            response.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except ControlPlaneError as error:
            raise PluginError(f"The container engine cannot be reached: {error.message}", retryable=False) from error
        except httpx.HTTPError as error:
            raise PluginError(f"The container engine does not answer: {error or type(error).__name__}") from error


def _checked(response: httpx.Response) -> httpx.Response:
    if response.status_code in _THERE:
        return response
    said = _json(response.text).get("message") or response.reason_phrase
    is_ours = 400 <= response.status_code < 500
    raise PluginError(f"The container engine refuses: {said}", retryable=not is_ours)


def _json(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if text.strip() else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _encoded(login: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(dict(login)).encode()).decode()


def _name_and_tag(image: str) -> tuple[str, str]:
    """A digest stands with the name; without a tag it is the latest."""
    if "@" in image:
        return image, ""
    name, colon, tag = image.rpartition(":")
    return (name, tag) if colon and "/" not in tag else (image, "latest")
