"""A registry with one image, for pulls as engines make them; it asks for a name and a password if it is told one."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import platform
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class Registry:
    """Over plain HTTP on the loopback, which engines allow without being told. Counts the manifests it has served."""

    def __init__(self, root: bytes, account: str | None = None) -> None:
        self.account = account
        self.pulls = 0
        self.address = ""
        layer = gzip.compress(root, mtime=0)
        about = {"architecture": _MACHINES[platform.machine()], "os": "linux", "config": {}}
        config = json.dumps({**about, "rootfs": {"type": "layers", "diff_ids": [_digest(root)]}}).encode()
        self.blobs = {_digest(blob): blob for blob in (layer, config)}
        described = [
            {"mediaType": f"application/vnd.docker.{kind}", "size": len(blob), "digest": _digest(blob)}
            for kind, blob in (("container.image.v1+json", config), ("image.rootfs.diff.tar.gzip", layer))
        ]
        manifest = {"schemaVersion": 2, "mediaType": _MANIFEST, "config": described[0], "layers": described[1:]}
        self.manifest = json.dumps(manifest).encode()

    def answer(self, path: str, authorization: str | None) -> tuple[int, str, bytes]:
        """Status, type and content."""
        if self.account and authorization != f"Basic {base64.b64encode(self.account.encode()).decode()}":
            return 401, "application/json", b"{}"
        if path == "/v2/":
            return 200, "application/json", b"{}"
        *_name, kind, reference = path.split("/")
        if kind == "manifests" and reference in ("1", _digest(self.manifest)):
            self.pulls += 1
            return 200, _MANIFEST, self.manifest
        if kind == "blobs" and reference in self.blobs:
            return 200, "application/octet-stream", self.blobs[reference]
        return 404, "application/json", b"{}"


@contextmanager
def serving(registry: Registry) -> Iterator[Registry]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, kind, content = registry.answer(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="registry"')
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Docker-Content-Digest", _digest(content))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        do_HEAD = do_GET

        def log_message(self, *arguments: object) -> None:
            """Nothing is written for a request."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        registry.address = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=[0.05])
        thread.start()
        try:
            yield registry
        finally:
            server.shutdown()
            thread.join()


def _digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
