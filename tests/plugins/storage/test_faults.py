"""Storages that are slow, busy, broken off or closed to us: tried again within bounds, and told in words."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from control_plane.kernel.words.egress import EgressPolicy
from control_plane.kernel.words.errors import ControlPlaneError, StorageFull
from plugins.storage.azure import AzureStorage
from plugins.storage.gcs import GcsStorage
from plugins.storage.over_http import TRIES, StorageAway, StorageRefused
from plugins.storage.s3 import S3Storage
from tests.stores.credentials.hostile_peer import HostilePeer, http

KEY = "c2VjcmV0"


def s3(url: str, **more: Any) -> S3Storage:
    return S3Storage("bucket", endpoint=url, region="x", access_key="key", secret_key="hidden", path_style=True, **more)


def gcs(url: str, **more: Any) -> GcsStorage:
    return GcsStorage("bucket", endpoint=url, **more)


def azure(url: str, **more: Any) -> AzureStorage:
    return AzureStorage("account", "container", endpoint=url, account_key=KEY, **more)


OPENING: dict[str, Callable[..., Any]] = {"s3": s3, "gcs": gcs, "azure": azure}


@pytest.fixture
def hostile() -> Iterator[HostilePeer]:
    server = HostilePeer()
    yield server
    server.close()


@pytest.fixture(params=list(OPENING))
def opening(request: pytest.FixtureRequest) -> Callable[..., Any]:
    return OPENING[request.param]


def without_pauses(storage: Any) -> list[float]:
    pauses: list[float] = []
    storage._client._pause = pauses.append
    return pauses


def in_turn(*answers: bytes) -> Callable[[socket.socket, bytes], None]:
    """One for each request; the last for all that follow."""
    left = list(answers)

    def answer(taken: socket.socket, request: bytes) -> None:
        taken.sendall(left.pop(0) if len(left) > 1 else left[0])

    return answer


def content(body: bytes, status: int = 200, **headers: str) -> bytes:
    about = {"etag": '"1"', "last_modified": "Mon, 01 Jan 2029 00:00:00 GMT", **headers}
    return http(status, body, content_type="application/octet-stream", **about)


def test_a_server_that_is_busy_is_asked_again_when_it_said(opening: Callable[..., Any], hostile: HostilePeer):
    storage = opening(hostile.url)
    pauses = without_pauses(storage)
    hostile.answer = in_turn(http(503, b"", retry_after="3"), http(429, b"", retry_after="9999"), content(b"abc"))
    with storage.open("t/a") as stream:
        assert stream.read() == b"abc"
    assert pauses == [3.0, 10.0]
    storage.close()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\ncontent-le", http(500, b"")])
def test_a_server_that_stays_away_is_told_after_a_few_tries(
    opening: Callable[..., Any], hostile: HostilePeer, answer: bytes
):
    storage = opening(hostile.url)
    pauses = without_pauses(storage)
    hostile.answer = answer
    for ask in (lambda: storage.open("t/a"), lambda: storage.stat("t/a"), lambda: storage.put("t/a", io.BytesIO(b"x"))):
        hostile.asked.clear()
        with pytest.raises(StorageAway) as told:
            ask()
        assert told.value.status == 503 and len(hostile.asked) == TRIES
    assert max(pauses) < 5
    storage.close()


@pytest.mark.parametrize("status", [400, 401, 403])
def test_who_is_not_let_in_is_told_once_and_no_secret_with_it(
    opening: Callable[..., Any], hostile: HostilePeer, status: int
):
    storage = opening(hostile.url)
    without_pauses(storage)
    hostile.answer = http(status, b"<Error><Code>AccessDenied</Code></Error>")
    with pytest.raises(StorageRefused, match=f"it answered {status}: <Error><Code>AccessDenied") as told:
        storage.put("t/a", io.BytesIO(b"x"))
    assert len(hostile.asked) == 1 and "hidden" not in str(told.value) and KEY not in repr(storage)
    storage.close()


def test_a_storage_without_room_says_so(opening: Callable[..., Any], hostile: HostilePeer):
    storage = opening(hostile.url)
    hostile.answer = http(507, b"")
    with pytest.raises(StorageFull):
        storage.put("t/a", io.BytesIO(b"x"))
    storage.close()


def test_a_download_that_breaks_off_goes_on_where_it_was(opening: Callable[..., Any], hostile: HostilePeer):
    storage = opening(hostile.url)
    without_pauses(storage)
    hostile.answer = in_turn(
        content(b"0123", content_length="10"), content(b"456", 206, content_length="6"), content(b"789", 206)
    )
    with storage.open("t/a") as stream:
        assert stream.read() == b"0123456789"
    heads = [request.partition(b"\r\n\r\n")[0].lower() for request in hostile.asked]
    assert [b"bytes=4-" in heads[1], b"bytes=7-" in heads[2]] == [True, True]
    assert all(b'if-match: "1"' in head for head in heads[1:]), "of the same object, or not at all"
    storage.close()


@pytest.mark.parametrize("later", [content(b"other"), http(412, b""), http(404, b"")])
def test_a_file_that_was_replaced_meanwhile_is_not_pieced_together(
    opening: Callable[..., Any], hostile: HostilePeer, later: bytes
):
    storage = opening(hostile.url)
    without_pauses(storage)
    hostile.answer = in_turn(content(b"0123", content_length="10"), later)
    with storage.open("t/a") as stream, pytest.raises(ControlPlaneError):
        stream.read()
    storage.close()


def test_a_server_that_sends_nothing_is_given_up(opening: Callable[..., Any], hostile: HostilePeer):
    storage = opening(hostile.url, seconds=0.1)
    without_pauses(storage)
    hostile.answer = lambda taken, request: bool(hostile.over.wait(5)) or None
    with pytest.raises(StorageAway, match="does not answer"):
        storage.stat("t/a")
    storage.close()


def test_what_nobody_may_reach_is_not_reached(opening: Callable[..., Any]):
    storage = opening("http://169.254.169.254")
    with pytest.raises(StorageRefused, match="metadata"):
        storage.stat("t/a")
    storage.close()


def test_an_inner_address_is_closed_to_those_whom_nobody_trusts(opening: Callable[..., Any], hostile: HostilePeer):
    storage = opening(hostile.url, policy=EgressPolicy())
    with pytest.raises(StorageRefused, match="private address"):
        storage.stat("t/a")
    assert hostile.asked == []
    storage.close()


@pytest.mark.parametrize(
    ("name", "more", "wanted"),
    [
        (
            "s3",
            {"encryption": "aws:kms", "kms_key": "key-1"},
            (b"x-amz-server-side-encryption: aws:kms", b"key-id: key-1"),
        ),
        ("gcs", {"kms_key": "projects/p/k"}, (b"kmsKeyName=projects%2Fp%2Fk",)),
        ("azure", {"encryption_scope": "scope-1"}, (b"x-ms-encryption-scope: scope-1",)),
    ],
)
def test_how_it_is_encrypted_there_is_said_with_each_object(
    hostile: HostilePeer, name: str, more: dict[str, str], wanted: tuple[bytes, ...]
):
    storage = OPENING[name](hostile.url, **more)
    hostile.answer = content(b"{}")
    storage.put("t/a", io.BytesIO(b"x"))
    for each in wanted:
        assert each in hostile.asked[0], hostile.asked[0]
    storage.close()


def test_a_long_file_is_never_in_memory_as_a_whole(opening: Callable[..., Any], hostile: HostilePeer):
    """In parts that way, in pieces this way: what is sent is taken by a server that keeps nothing."""
    storage = opening(hostile.url)
    size, longest = 64 * 1024 * 1024, 0

    class Long(io.RawIOBase):
        left = size

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            given = min(len(buffer), self.left)
            self.left -= given
            return given

    def answer(taken: socket.socket, request: bytes) -> None:
        nonlocal longest
        longest = max(longest, len(request))
        hostile.asked.clear()
        body = b"<R><UploadId>u</UploadId></R>"
        taken.sendall(http(200, body, etag='"1"', location=f"{hostile.url}/session"))

    hostile.answer = answer
    assert storage.put("t/long", io.BufferedReader(Long())) == size
    assert longest < 9 * 1024 * 1024
    storage.close()
