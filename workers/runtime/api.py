"""The worker's side of the worker API: requests over kept-alive connections, one a thread."""

from __future__ import annotations

import contextlib
import http.client
import io
import socket
import ssl
import threading
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, BinaryIO, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from workers.runtime import protocol

M = TypeVar("M")
_CHUNK = 1 << 18
_encoder = msgspec.json.Encoder()


class Refused(Exception):
    """The control plane answered no; asking again brings the same answer."""

    def __init__(self, status: int, message: str, code: str = "") -> None:
        self.status = status
        self.code = code
        super().__init__(message)


class Away(Exception):
    """The control plane does not answer now; the same request may be sent again."""


class ControlPlane:
    """Speaks the worker API with one credential. Threads share it; each has a connection of its own.

    An answer of 408, 425, 429 or 5xx and every failure of the network is `Away`; any other refusal, and what no second
    try would change (501, 507), is `Refused`.
    """

    def __init__(self, url: str, token: str, *, context: ssl.SSLContext | None = None, timeout: float = 30.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url} is no address of a control plane")
        self._https = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._prefix = parts.path.rstrip("/") + protocol.BASE
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._context = context
        self._timeout = timeout
        self._local = threading.local()
        self._open: set[http.client.HTTPConnection] = set()
        self._is_closed = False
        self.url = url

    def post(self, path: str, body: msgspec.Struct, answer: type[M], *, timeout: float | None = None) -> M:
        """Send a message and decode the answer. Raises Refused or Away."""
        return self.send("POST", path, _encoder.encode(body), answer, timeout=timeout)

    def get(self, path: str, answer: type[M], *, timeout: float | None = None, **query: Any) -> M:
        given = {name: value for name, value in query.items() if value is not None}
        return self.send("GET", f"{path}?{urlencode(given)}" if given else path, None, answer, timeout=timeout)

    def send(self, method: str, path: str, body: bytes | None, answer: type[M], *, timeout: float | None = None) -> M:
        """One round trip; a kept connection that turns out to be dead is replaced once."""
        try:
            status, content = self._round_trip(method, path, body, timeout)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise Away(f"{self.url}: {error or type(error).__name__}") from error
        if status >= 300:
            raise refusal(status, content)
        try:
            return msgspec.json.decode(content or b"{}", type=answer)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise Away(f"{self.url}: an answer that is not understood: {error}") from error

    def _round_trip(self, method: str, path: str, body: bytes | None, timeout: float | None) -> tuple[int, bytes]:
        is_kept = getattr(self._local, "connection", None) is not None
        try:
            return self._once(method, path, body, timeout)
        except (http.client.BadStatusLine, ConnectionError, BrokenPipeError):
            self.close()
            if not is_kept:
                raise
            return self._once(method, path, body, timeout)

    def _once(self, method: str, path: str, body: bytes | None, timeout: float | None) -> tuple[int, bytes]:
        connection = self._connection(timeout)
        connection.request(method, self._prefix + path, body, self._headers)
        response = connection.getresponse()
        content = response.read()
        if response.will_close:
            self.close()
        return response.status, content

    def _connection(self, timeout: float | None) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        wanted = self._timeout if timeout is None else timeout
        if connection is None:
            connection = self._local.connection = self._connect(wanted)
        elif connection.sock is not None and connection.sock.gettimeout() != wanted:
            connection.sock.settimeout(wanted)
        return connection

    def _connect(self, timeout: float) -> http.client.HTTPConnection:
        connection = self._connected(timeout)
        self._open.add(connection)
        if self._is_closed:
            # Everything was closed while this one was made.
            self._drop(connection)
            raise ConnectionError("this end is closed")
        return connection

    def _connected(self, timeout: float) -> http.client.HTTPConnection:
        if self._is_closed:
            raise ConnectionError("this end is closed")
        if self._https:
            context = self._context or ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=timeout, context=context)
        connection = http.client.HTTPConnection(self._host, self._port, timeout=timeout)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def close(self) -> None:
        """Close this thread's connection."""
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            self._drop(connection)

    def close_all(self) -> None:
        """Close the connections of every thread; whoever waits for an answer gets none, and nobody connects again."""
        self._is_closed = True
        for connection in list(self._open):
            # The library opens a closed one again when it is asked for something more.
            connection.auto_open = 0
            if connection.sock is not None:
                with contextlib.suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)
            self._drop(connection)

    def _drop(self, connection: http.client.HTTPConnection) -> None:
        self._open.discard(connection)
        with contextlib.suppress(OSError):
            connection.close()

    def upload(self, path: str, source: BinaryIO, answer: type[M], query: Mapping[str, str]) -> M:
        """Stream a file to the control plane, in chunks of unknown number."""
        connection = self._connect(max(self._timeout, 300.0))
        headers = {**self._headers, "Content-Type": "application/octet-stream"}
        try:
            connection.request(
                "PUT", self._path(path, query), iter(lambda: source.read(_CHUNK), b""), headers, encode_chunked=True
            )
            response = connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise Away(f"{self.url}: {error or type(error).__name__}") from error
        finally:
            self._drop(connection)
        if response.status >= 300:
            raise refusal(response.status, content)
        return msgspec.json.decode(content, type=answer)

    def download(self, path: str, query: Mapping[str, str]) -> BinaryIO:
        """A stream over a connection of its own; closing it closes the connection."""
        connection = self._connect(max(self._timeout, 300.0))
        try:
            connection.request("GET", self._path(path, query), headers=self._headers)
            response = connection.getresponse()
            if response.status >= 300:
                raise refusal(response.status, response.read())
        except (OSError, http.client.HTTPException) as error:
            self._drop(connection)
            raise Away(f"{self.url}: {error or type(error).__name__}") from error
        except (Refused, Away):
            self._drop(connection)
            raise
        self._open.discard(connection)
        return io.BufferedReader(_Body(connection, response), _CHUNK)

    def _path(self, path: str, query: Mapping[str, str]) -> str:
        return f"{self._prefix}{path}?{urlencode(query, quote_via=quote)}" if query else self._prefix + path


class _Body(io.RawIOBase):
    """An answer being read, with the connection that brings it."""

    def __init__(self, connection: http.client.HTTPConnection, response: http.client.HTTPResponse) -> None:
        self._connection = connection
        self._response = response

    def readinto(self, buffer: Any) -> int:
        """Raises ConnectionError when the answer ends before its length: half a file must not look like a whole one."""
        count = self._response.readinto(buffer)
        missing = self._response.length
        if count == 0 and len(buffer) and missing:
            raise ConnectionError(f"the file broke off: {missing} bytes are missing")
        return count

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._response.close()
            self._connection.close()
        super().close()


_FOR_GOOD = frozenset({HTTPStatus.NOT_IMPLEMENTED, HTTPStatus.INSUFFICIENT_STORAGE})
"""Nothing that a second try would change soon: told at once."""


def refusal(status: int, content: bytes) -> Refused | Away:
    """What an answer that is no success means, in the words it came with."""
    try:
        said = msgspec.json.decode(content, type=protocol.Refusal)
    except msgspec.MsgspecError:
        said = protocol.Refusal()
    message = said.message or http.client.responses.get(status, f"status {status}")
    may_pass = (status >= 500 and status not in _FOR_GOOD) or status in (408, 425, 429)
    return Away(message) if may_pass else Refused(status, message, said.code)
