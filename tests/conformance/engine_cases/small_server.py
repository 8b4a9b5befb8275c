"""The small HTTP server that the flows of measured cases talk to."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

SLOW_SECONDS = 3


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        pass

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except OSError:  # who asked is gone
            self.close_connection = True

    def _go(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = urlsplit(self.path).path
        status, kind, answer = self._answered(path, body)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/json")
        self.send_header("Content-Type", kind)
        self.send_header("X-Answer", "yes")
        if status != 204:
            self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if status != 204 and self.command != "HEAD":
            self.wfile.write(answer)

    def _answered(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        json_type = "application/json"
        if path.startswith("/status/"):
            status = int(path.rpartition("/")[2])
            return status, json_type, b'{"status": %d}' % status
        if path == "/slow":
            time.sleep(SLOW_SECONDS)
            return 200, json_type, b"{}"
        fixed = {
            "/text": (200, "text/plain", b"plain text"),
            "/empty": (204, json_type, b""),
            "/redirect": (302, json_type, b""),
        }
        return fixed[path] if path in fixed else (200, json_type, self._echo(body))

    def _echo(self, body: bytes) -> bytes:
        shown = {
            "method": self.command,
            "path": self.path,
            "type": self.headers.get("Content-Type"),
            "x": self.headers.get("X-Test"),
            "auth": self.headers.get("Authorization"),
            "body": body.decode("utf-8", "replace"),
        }
        return json.dumps(shown).encode()

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _go


class SmallServer:
    """Serves from the moment it is made until `close`."""

    def __init__(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
