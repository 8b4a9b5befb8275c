"""The local server that cases about HTTP talk to."""

from __future__ import annotations

import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

HELLO = b'{ "hello": "world" }'


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/204":
            self._answer(204, b"")
        elif self.path == "/500":
            self._answer(500, b"")
        elif self.path == "/content-disposition":
            self._answer(200, b"Hello World", {"Content-Disposition": 'attachment; filename="filename.jpg"'})
        elif self.path == "/jokes/random":
            self._answer(200, b'{"id": "1", "value": "a joke"}', {"Content-Type": "application/json"})
        else:
            self._answer(417 if self.path == "/hello417" else 200, HELLO, {"Content-Type": "application/json"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/post/multipart":
            hello, file = (self._part(body, name) for name in ("hello", "file"))
            self._answer(200, hello + b" > " + file)
        else:
            self._answer(200, b"world > " + (self.headers.get("test") or "").encode())

    def _part(self, body: bytes, name: str) -> bytes:
        found = re.search(rb'name="' + name.encode() + rb'".*?\r\n\r\n(.*?)\r\n--', body, re.DOTALL)
        return found[1] if found else b""

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class StubServer:
    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
