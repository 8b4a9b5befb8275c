"""What storages that are reached over HTTP have in common: requests that are tried again, parts, bodies that go on."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import httpx

from control_plane.kernel.words.egress import EgressClient, EgressPolicy
from control_plane.kernel.words.errors import ControlPlaneError, StorageFull, Unavailable
from plugins.storage.port import ObjectMissing, StoredObject

PART_BYTES = 8 * 1024 * 1024
PARTS_OF_ONE_SIZE = 1000
PIECE_BYTES = 256 * 1024
TRIES = 5
LARGEST_ANSWER = 32 * 1024 * 1024
"""Of an answer that is no object, such as a page of a list."""
_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_FULL = frozenset({413, 507})
_LONGEST_PAUSE = 10.0
_PARTIAL = 206
_MISSING = frozenset({404})
_NO_SUCH_PART = frozenset({416})
_BUFFER = 1 << 18
_FIRST_PAUSE = 0.2

Headers = Mapping[str, str]


class StorageRefused(Unavailable):
    """The storage does not let this instance in, or does not understand it."""

    code = "storage_refused"


class StorageAway(Unavailable):
    """The storage does not answer."""

    code = "storage_away"


@dataclass(frozen=True, slots=True)
class StorageAnswer:
    status: int
    headers: httpx.Headers
    body: bytes = field(repr=False)


class StorageClient:
    """Asks one server, again while it is busy or away; every request here may be sent twice.

    `sign` gives the headers that prove who asks, made anew for each try: what they say of the time grows old.
    """

    def __init__(
        self,
        name: str,
        policy: EgressPolicy,
        sign: Callable[[str, str, Headers, bytes], Headers],
        *,
        seconds: float = 60.0,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self._sign = sign
        self._pause = pause
        self._client = EgressClient(policy, timeout=httpx.Timeout(seconds, connect=min(5.0, seconds)))

    def close(self) -> None:
        self._client.close()

    def ask(
        self,
        method: str,
        url: str,
        headers: Headers | None = None,
        content: bytes = b"",
        *,
        allowed: frozenset[int] = frozenset(),
    ) -> StorageAnswer:
        """The whole answer. A status from 400 on is an error, save those that are allowed."""
        response = self._sent(method, url, headers or {}, content, allowed)
        try:
            return StorageAnswer(response.status_code, response.headers, self._whole(response))
        finally:
            response.close()

    def stream(
        self, method: str, url: str, headers: Headers, *, allowed: frozenset[int] = frozenset()
    ) -> httpx.Response:
        """The answer with its body still to be read, and to be closed by the caller."""
        return self._sent(method, url, headers, b"", allowed)

    def _sent(self, method: str, url: str, headers: Headers, content: bytes, allowed: frozenset[int]) -> httpx.Response:
        failure: Exception = StorageAway(f"{self.name} does not answer")
        for attempt in range(1, TRIES + 1):
            wait = 0.0
            try:
                response = self._once(method, url, headers, content)
            except ControlPlaneError as error:
                raise StorageRefused(f"{self.name}: {error.message}") from error
            except httpx.HTTPError as error:
                failure = StorageAway(f"{self.name} does not answer: {_told(error)}")
            else:
                if response.status_code < 400 or response.status_code in allowed:
                    return response
                failure = self._refusal(response)
                if response.status_code not in _AGAIN:
                    raise failure
                wait = _asked_pause(response)
            if attempt < TRIES:
                self._pause(max(wait, _FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1.0)))
        raise failure

    def _once(self, method: str, url: str, headers: Headers, content: bytes) -> httpx.Response:
        given = {"Accept-Encoding": "identity", **self._sign(method, url, headers, content)}
        body: bytes | Iterator[bytes] = content
        if len(content) > PIECE_BYTES:
            given, body = {**given, "content-length": str(len(content))}, _pieces(content)
        request = self._client.build_request(method, url, headers=given, content=body)
        return self._client.send(request, stream=True)

    def _whole(self, response: httpx.Response) -> bytes:
        body = bytearray()
        try:
            for chunk in response.iter_raw():
                body += chunk
                if len(body) > LARGEST_ANSWER:
                    raise StorageAway(f"{self.name}: an answer is larger than {LARGEST_ANSWER} bytes")
        except httpx.HTTPError as error:
            raise StorageAway(f"{self.name} broke off its answer: {_told(error)}") from error
        return bytes(body)

    def _refusal(self, response: httpx.Response) -> ControlPlaneError:
        status = response.status_code
        try:
            said = next(response.iter_raw(2000), b"")[:2000].decode(errors="replace")
        except httpx.HTTPError:
            said = ""
        finally:
            response.close()
        words = " ".join(said.split())[:300]
        told = f"{self.name}: it answered {status}" + (f": {words}" if words else "")
        if status in _FULL:
            return StorageFull(told)
        return StorageAway(told) if status in _AGAIN else StorageRefused(told)


def _asked_pause(response: httpx.Response) -> float:
    text = response.headers.get("retry-after", "")
    return min(float(text), _LONGEST_PAUSE) if text.isascii() and text.isdigit() else 0.0


def _told(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__


def parts_of(source: BinaryIO, *, growing: bool = False) -> Iterator[tuple[bytes, bool]]:
    """The stream in parts of one size, the last of them shorter or equal, each with whether it is the last.

    There is one at least, be it empty. Servers take so many parts and no more, so that those of a very long file may
    be `growing`.
    """
    head, number = b"", 0
    while True:
        size = PART_BYTES * (1 + number // PARTS_OF_ONE_SIZE if growing else 1)
        part, head = _part(source, size, head)
        yield part, not head
        if not head:
            return
        number += 1


def _part(source: BinaryIO, size: int, head: bytes) -> tuple[bytes, bytes]:
    """The next part, which begins with `head`, and the first byte of the one after it, if there is one."""
    part = bytearray(head)
    while len(part) < size:
        chunk = source.read(min(size - len(part), PIECE_BYTES))
        if not chunk:
            return bytes(part), b""
        part += chunk
    return bytes(part), source.read(1) or b""


def _pieces(content: bytes) -> Iterator[bytes]:
    """What is written to a socket as a whole is copied again and again while the socket takes a bit of it."""
    for start in range(0, len(content), PIECE_BYTES):
        yield content[start : start + PIECE_BYTES]


class Body(io.RawIOBase):
    """The body of an object. Where the connection breaks it is asked for again from there on, as the same object."""

    def __init__(self, response: httpx.Response, go_on: Callable[[int, str], httpx.Response], name: str) -> None:
        self._response = response
        self._chunks = response.iter_raw()
        self._go_on = go_on
        self._name = name
        self._tag = response.headers.get("etag", "")
        self._expected = _length(response)
        self._read = 0
        self._left = memoryview(b"")
        self._broken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            chunk = self._chunk()
            if chunk is None:
                return 0
            self._left = memoryview(chunk)
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size

    def _chunk(self) -> bytes | None:
        while True:
            try:
                chunk = next(self._chunks, None)
            except httpx.HTTPError as error:
                self._again(error)
                continue
            if chunk is None and self._expected is not None and self._read < self._expected:
                self._again(EOFError("it ended before its end"))
                continue
            if chunk is not None:
                self._read += len(chunk)
            return chunk

    def _again(self, error: Exception) -> None:
        self._response.close()
        self._broken += 1
        if self._broken >= TRIES:
            raise StorageAway(f"{self._name} broke off a file: {_told(error)}") from error
        self._response = self._go_on(self._read, self._tag)
        if self._response.status_code >= 400 or (self._read and self._response.status_code != _PARTIAL):
            self._response.close()
            raise StorageAway(f"{self._name}: a file was changed while it was read") from error
        self._chunks = self._response.iter_raw()

    def close(self) -> None:
        self._response.close()
        super().close()


def opened(
    client: StorageClient,
    url: str,
    start: int,
    length: int | None,
    *,
    stat: Callable[[], StoredObject | None],
    range_as: str = "Range",
) -> BinaryIO:
    """An object from `start` on, so many bytes of it; nothing where it ends before. Raises ObjectMissing."""
    if length == 0:
        if stat() is None:
            raise ObjectMissing
        return io.BytesIO()

    def ask(done: int = 0, tag: str = "") -> httpx.Response:
        left = None if length is None else length - done
        is_whole = start + done == 0 and left is None
        headers = {} if is_whole else {range_as: _range_header(start + done, left)}
        if tag:
            headers["If-Match"] = tag
        return client.stream("GET", url, headers, allowed=_MISSING | _NO_SUCH_PART)

    response = ask()
    if response.status_code < 400:
        return io.BufferedReader(Body(response, ask, client.name), _BUFFER)
    response.close()
    if response.status_code in _MISSING:
        raise ObjectMissing
    return io.BytesIO()


def _length(response: httpx.Response) -> int | None:
    text = response.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else None


def _range_header(start: int, length: int | None) -> str:
    return f"bytes={start}-" if length is None else f"bytes={start}-{start + length - 1}"
