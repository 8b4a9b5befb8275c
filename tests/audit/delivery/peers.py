"""Peers that entries are sent to, in this process: each keeps what it was given."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import BinaryIO


class Listener:
    """Takes webhooks; `answers` are the next status codes, then 200."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.taken: Queue[tuple[dict[str, str], bytes]] = Queue()

    @contextmanager
    def listening(self) -> Iterator[str]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = listener.answers.pop(0) if listener.answers else 200
                if status == 200:
                    listener.taken.put((dict(self.headers), body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing is said."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class SyslogServer:
    """Counted messages over TCP (RFC 6587), or datagrams."""

    def __init__(self, transport: str) -> None:
        self.transport = transport
        self.messages: Queue[bytes] = Queue()
        self._open: list[tuple[socket.socket, threading.Thread]] = []

    @contextmanager
    def listening(self) -> Iterator[str]:
        """When it ends, whoever is connected is cut off."""
        kind = socket.SOCK_STREAM if self.transport == "tcp" else socket.SOCK_DGRAM
        with ExitStack() as stack:
            server = stack.enter_context(socket.socket(socket.AF_INET, kind))
            server.bind(("127.0.0.1", 0))
            port = server.getsockname()[1]
            if self.transport == "tcp":
                server.listen()
            self._follow(server, self._accept if self.transport == "tcp" else self._datagrams)
            try:
                yield f"syslog+{self.transport}://127.0.0.1:{port}"
            finally:
                self._end(server, port)

    def _follow(self, opened: socket.socket, work: Callable[[socket.socket], None]) -> None:
        thread = threading.Thread(target=work, args=(opened,))
        self._open.append((opened, thread))
        thread.start()

    def _end(self, server: socket.socket, port: int) -> None:
        if self.transport == "udp":
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", ("127.0.0.1", port))
        for opened, thread in self._open:
            with suppress(OSError):
                opened.shutdown(socket.SHUT_RDWR)
            thread.join()
            opened.close()

    def _datagrams(self, server: socket.socket) -> None:
        while message := server.recv(65_535):
            self.messages.put(message)

    def _accept(self, server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                self._follow(server.accept()[0], self._counted)

    def _counted(self, peer: socket.socket) -> None:
        with peer.makefile("rb") as stream:
            while size := self._size(stream):
                self.messages.put(stream.read(size))

    @staticmethod
    def _size(stream: BinaryIO) -> int:
        """0 when the peer has gone."""
        digits = b""
        while (byte := stream.read(1)) not in (b" ", b""):
            digits += byte
        return int(digits or b"0")
