"""The log of a container is read whole, also when its engine leaves the reader waiting."""

from __future__ import annotations

import struct
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from plugins.runners.docker import transcript
from plugins.runners.docker.engine import Engine
from plugins.runners.docker.transcript import Transcript


def frame(stream: int, content: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(content)) + content


class Forgetful(BaseHTTPRequestHandler):
    """An engine that sends the beginning of a log, and then nothing, though the container has ended."""

    protocol_version = "HTTP/1.1"
    hung_up = threading.Event()

    def do_POST(self) -> None:
        self._send(b'{"StatusCode": 0}')

    def do_GET(self) -> None:
        begun = frame(1, b"one\n") + frame(2, b"oo")
        if "follow=true" in self.path and "silent" in self.path:
            self.rfile.read(1)
            self.close_connection = True
            return
        if "follow=true" not in self.path:
            self._send(begun + frame(2, b"ps\n") + frame(1, b"two\n"))
            return
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(begun), begun))
        self.wfile.flush()
        self.rfile.read(1)
        self.hung_up.set()
        self.close_connection = True

    def _send(self, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Nothing is written for a request."""


@pytest.fixture
def engine() -> Iterator[Engine]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Forgetful) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        with httpx.Client(trust_env=False) as client:
            yield Engine(client, f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()


def test_a_log_that_never_begins_is_read_when_its_container_has_ended(engine, monkeypatch):
    monkeypatch.setattr(transcript, "LINGER_SECONDS", 0.1)
    monkeypatch.setattr("plugins.runners.docker.engine._FIRST_WORD_SECONDS", 0.3)
    output, error = bytearray(), bytearray()
    Transcript(engine, "silent").read(output.extend, error.extend, lambda: False)
    assert (bytes(output), bytes(error)) == (b"one\ntwo\n", b"oops\n")


def test_what_did_not_come_is_read_anew_and_nothing_twice(engine, monkeypatch):
    monkeypatch.setattr(transcript, "LINGER_SECONDS", 0.2)
    output, error = bytearray(), bytearray()
    Transcript(engine, "c").read(output.extend, error.extend, lambda: False)
    assert (bytes(output), bytes(error)) == (b"one\ntwo\n", b"oops\n")
    assert Forgetful.hung_up.wait(10)
