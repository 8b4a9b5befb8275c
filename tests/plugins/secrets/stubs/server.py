"""A server of this machine that answers as a stub says, and keeps what it was asked."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    """Decoded, without the query."""
    raw_path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))


@dataclass(frozen=True)
class Told:
    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Stub(ABC):
    """`answer` is the whole of it; a subclass keeps its secrets in memory."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.lock = threading.RLock()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16

            def log_message(self, *_: Any) -> None:
                """Tests are quiet."""

            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                parts = urlsplit(self.path)
                query = dict(parse_qsl(parts.query, keep_blank_values=True))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, unquote(parts.path), parts.path, query, headers, body)
                with stub.lock:
                    stub.asked.append(asked)
                    told = stub.answer(asked)
                self.send_response(told.status)
                self.send_header("content-type", "application/json")
                for name, value in told.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(told.content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(told.content)

            do_GET = do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = handle_one

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
        self._thread.start()

    @abstractmethod
    def answer(self, asked: Asked) -> Told: ...

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
