"""Runs a WSGI application in a bounded pool of threads, and lets no slow client hold one of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextvars import copy_context
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from wsgiref.types import WSGIApplication

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope

from control_plane.refusals import refuse

MEMORY_BYTES = 1024 * 1024
# Between two pieces of a request's body.
PATIENCE_SECONDS = 30


class TooLarge(Exception):
    """The body is larger than any request may be."""


class Gone(Exception):
    """The client went away while it was still sending."""


class Response:
    """What the application answered, while its body is being taken from it."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: Iterator[bytes] = iter(())
        self.close: Any = None

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower().encode("latin-1"), value.strip().encode("latin-1")) for name, value in headers]
        return _no_write


def _no_write(data: bytes) -> None:
    raise RuntimeError("the application must return its body, not write it")


class WsgiBridge:
    """The body is read and the answer is sent on the event loop; a thread is held only while the application works."""

    def __init__(self, application: WSGIApplication, threads: Executor, *, body_bytes: int, waiting: int) -> None:
        self._application = application
        self._threads = threads
        self._body_bytes = body_bytes
        self._free = waiting

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if self._free == 0:
            await refuse(send, 503, "Unavailable: too many requests are waiting")
            return
        self._free -= 1
        try:
            await self._serve(scope, receive, send)
        finally:
            self._free += 1

    async def _serve(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        with SpooledTemporaryFile(MEMORY_BYTES) as body:
            try:
                await self._read(receive, body)
            except TooLarge:
                await refuse(send, 413, "Content Too Large")
            except TimeoutError:
                await refuse(send, 408, "Request Timeout")
            except Gone:
                return
            else:
                await self._respond(environ_of(scope, body), send)

    async def _read(self, receive: ASGIReceiveCallable, body: IO[bytes]) -> None:
        size, more = 0, True
        while more:
            message = await asyncio.wait_for(receive(), PATIENCE_SECONDS)
            if message["type"] != "http.request":
                raise Gone
            more = message["more_body"]
            size += len(message["body"])
            if size > self._body_bytes:
                raise TooLarge
            body.write(message["body"])
        body.seek(0)

    async def _respond(self, environ: dict[str, Any], send: ASGISendCallable) -> None:
        response = Response()
        first, more = await self._in_thread(self._begin, environ, response)
        try:
            await send(
                {
                    "type": "http.response.start",
                    "status": response.status,
                    "headers": response.headers,
                    "trailers": False,
                }
            )
            await send({"type": "http.response.body", "body": first, "more_body": more})
            while more:
                chunk = await self._in_thread(next, response.body, None)
                more = chunk is not None
                await send({"type": "http.response.body", "body": chunk or b"", "more_body": more})
        finally:
            if response.close is not None:
                await self._in_thread(response.close)

    def _begin(self, environ: dict[str, Any], response: Response) -> tuple[bytes, bool]:
        """Call the application; an answer that is whole already is taken and closed in the same visit."""
        answer = self._application(environ, response.start)
        close = getattr(answer, "close", None)
        if getattr(answer, "streaming", False):
            response.body, response.close = iter(answer), close
            return b"", True
        try:
            return b"".join(answer), False
        finally:
            if close is not None:
                close()

    async def _in_thread(self, function: Any, *args: Any) -> Any:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, copy_context().run, function, *args)


def environ_of(scope: HTTPScope, body: Any) -> dict[str, Any]:
    """The request as PEP 3333 wants it. Headers with an underscore are dropped: they could pose as others."""
    server, client = scope["server"] or ("localhost", 80), scope["client"] or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "REMOTE_PORT": str(client[1]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        if b"_" in raw_name:
            continue
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        key = name if name in ("CONTENT_LENGTH", "CONTENT_TYPE") else f"HTTP_{name}"
        glue = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{glue}{value}" if key in environ else value
    if "CONTENT_LENGTH" not in environ:
        body.seek(0, 2)
        environ["CONTENT_LENGTH"] = str(body.tell())
        body.seek(0)
    return environ
