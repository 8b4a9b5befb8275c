"""A token endpoint that answers byte for byte what a test wants, as slowly as it wants, and says when it was asked."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from typing import Any

Answer = bytes | Callable[[socket.socket, bytes], None]


def http(status: int, body: bytes | dict[str, Any], **headers: str) -> bytes:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"content-type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    given.setdefault("content-length", str(len(content)))
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in given.items()), "connection: close"]
    return "\r\n".join([*lines, "", ""]).encode() + content


class HostilePeer:
    """`answer` is sent for each request; `asked` holds what came, head and body."""

    def __init__(self) -> None:
        self.answer: Answer = http(500, {})
        self.asked: list[bytes] = []
        self.over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self.over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while not self.over.is_set():
            try:
                taken, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(taken,), daemon=True).start()

    def _serve(self, taken: socket.socket) -> None:
        with taken, contextlib.suppress(OSError):
            request = _whole(taken)
            self.asked.append(request)
            if callable(self.answer):
                self.answer(taken, request)
            else:
                taken.sendall(self.answer)

    def drip(self, pieces: bytes, every: float) -> Callable[[socket.socket, bytes], None]:
        """One byte at a time, so that no single wait is long."""

        def send(taken: socket.socket, request: bytes) -> None:
            for piece in pieces:
                taken.sendall(bytes([piece]))
                if self.over.wait(every):
                    return

        return send


def _whole(taken: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = taken.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    wanted = int(lengths[0]) if lengths else 0
    while len(body) < wanted:
        piece = taken.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body
