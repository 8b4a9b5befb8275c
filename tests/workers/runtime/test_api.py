"""The worker's side of the worker API when the other side is slow, silent, cut off or talks nonsense."""

from __future__ import annotations

import contextlib
import io
import socket
import ssl
import threading
from collections.abc import Iterator

import pytest

from workers.runtime import protocol
from workers.runtime.api import Away, ControlPlane, Refused, refusal
from workers.runtime.worker import Settings, Worker


@contextlib.contextmanager
def says(*answers: bytes) -> Iterator[str]:
    """A server whose connections get one of these answers each, whatever was asked, and are then closed."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            for answer in answers:
                with contextlib.suppress(OSError):
                    connection, _ = server.accept()
                    with connection:
                        asked = connection.recv(1 << 16)
                        while asked.startswith(b"PUT") and not asked.endswith(b"0\r\n\r\n"):
                            asked += connection.recv(1 << 16)
                        connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}"
        finally:
            server.close()
            thread.join(10)


def answer(body: bytes, length: int | None = None, status: str = "200 OK", more: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body) if length is None else length}\r\n".encode()
    return head + more + b"\r\n" + body


@pytest.mark.parametrize("url", ["ftp://x", "localhost:8080", "http://", "//host"])
def test_an_address_that_is_none_is_refused_at_once(url):
    with pytest.raises(ValueError, match="no address of a control plane"):
        ControlPlane(url, "t")


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, b'{"message": "revoked", "code": "c"}', Refused, "revoked"),
        (409, b"{}", Refused, "Conflict"),
        (404, b"<html>", Refused, "Not Found"),
        (429, b"{}", Away, "Too Many Requests"),
        (503, b'{"message": "later"}', Away, "later"),
        (599, b"", Away, "status 599"),
    ],
)
def test_what_is_no_success_is_a_no_or_a_not_now(status, body, kind, words):
    found = refusal(status, body)
    assert type(found) is kind
    assert str(found) == words


@pytest.mark.parametrize("body", [b"<html>a proxy's page</html>", b'{"jobs": 3}'])
def test_an_answer_that_is_not_understood_may_be_asked_for_again(body):
    with says(answer(body)) as url:
        plane = ControlPlane(url, "t")
        with pytest.raises(Away, match="not understood"):
            plane.post("claim", protocol.Goodbye(request_id="r", worker_id="w"), protocol.Claimed)
        plane.close_all()


def test_nobody_there_is_away():
    with says() as url:
        pass
    with pytest.raises(Away):
        ControlPlane(url, "t").get("orders", protocol.Orders, workerId="w")


def test_a_kept_connection_that_died_is_replaced_once():
    with says(answer(b"{}"), answer(b'{"cursor": "2"}')) as url:
        plane = ControlPlane(url, "t")
        plane.get("orders", protocol.Orders)
        assert plane.get("orders", protocol.Orders, timeout=5.0).cursor == "2"
        plane.close_all()


def test_a_connection_that_the_other_side_closes_is_not_kept():
    with says(answer(b"{}", more=b"Connection: close\r\n"), answer(b'{"cursor": "2"}')) as url:
        plane = ControlPlane(url, "t")
        plane.get("orders", protocol.Orders)
        assert plane.get("orders", protocol.Orders).cursor == "2"
        plane.close_all()


def test_what_connects_while_everything_is_closed_is_closed_too(monkeypatch):
    """A leaked socket would be said by the run: warnings are errors."""
    with says(answer(b"{}")) as url:
        plane = ControlPlane(url, "t")
        connected = plane._connected

        def connect_late(timeout):
            found = connected(timeout)
            plane.close_all()
            return found

        monkeypatch.setattr(plane, "_connected", connect_late)
        with pytest.raises(Away, match="closed"):
            plane.get("orders", protocol.Orders)
        assert not plane._open


def test_a_connection_that_was_closed_for_somebody_is_not_opened_again():
    with says(answer(b"{}"), answer(b"{}")) as url:
        plane = ControlPlane(url, "t")
        plane.get("orders", protocol.Orders)
        plane.close_all()
        with pytest.raises(Away):
            plane.get("orders", protocol.Orders)
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))).close()


def test_nobody_connects_through_a_closed_end():
    with says(answer(b"{}")) as url:
        plane = ControlPlane(url, "t")
        plane.close_all()
        with pytest.raises(Away, match="closed"):
            plane.get("orders", protocol.Orders)
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))).close()


def test_an_address_with_tls_is_not_spoken_to_without():
    with says(b"") as url:
        plane = ControlPlane(url.replace("http:", "https:"), "t", context=ssl.create_default_context())
        with pytest.raises(Away):
            plane.get("orders", protocol.Orders)


def test_an_upload_says_what_it_was_refused_for():
    with (
        says(answer(b'{"message": "too large"}', status="413 Too Large")) as url,
        pytest.raises(Refused, match="too large"),
    ):
        ControlPlane(url, "t").upload("jobs/j/files", io.BytesIO(b"x"), protocol.Stored, {"name": "a"})
    with says(b"") as url, pytest.raises(Away):
        ControlPlane(url, "t").upload("jobs/j/files", io.BytesIO(b"x"), protocol.Stored, {"name": "a"})


def test_a_download_that_is_refused_or_never_begins_leaves_no_connection():
    for said, kind in ((answer(b"{}", status="404 Not Found"), Refused), (b"", Away)):
        with says(said) as url:
            plane = ControlPlane(url, "t")
            with pytest.raises(kind):
                plane.download("jobs/j/files", {"uri": "u"})
            assert plane._open == set()


def test_a_download_is_read_to_its_end():
    with says(answer(b"x" * 1000)) as url, ControlPlane(url, "t").download("jobs/j/files", {"uri": "u"}) as stream:
        assert stream.read() == b"x" * 1000


@pytest.mark.parametrize("size", [-1, 10])
def test_a_download_that_breaks_off_is_never_taken_for_the_whole(size):
    with (
        says(answer(b"x" * 1000, length=5000)) as url,
        ControlPlane(url, "t").download("jobs/j/files", {"uri": "u"}) as stream,
        pytest.raises(ConnectionError, match="4000 bytes are missing"),
    ):
        while stream.read(size):
            continue


def test_a_worker_that_is_drained_before_anybody_answered_ends():
    with says() as url:
        pass
    worker = Worker(Settings(url=url, token="t"))
    worker.drain()
    with pytest.raises(Away):
        worker.run()
