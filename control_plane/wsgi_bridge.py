"""Runs a WSGI application in a bounded pool of threads, and lets no slow client hold one of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextvars import copy_context
from typing import Any, cast
from wsgiref.types import WSGIApplication

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope

from control_plane.kernel.api.public import SignInAddresses
from control_plane.kernel.asgi_routes import body_of
from control_plane.kernel.pools import Pool, health_pool, request_pool, sign_in_pool

HEALTH = frozenset({"/health", "/health/readiness"})


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
    """The answer is sent on the event loop; a thread is held only while the application works.

    Whoever signs in, and whoever asks how we are, waits for other threads than everybody else.
    """

    def __init__(self, application: WSGIApplication, pool: Pool | None = None) -> None:
        self._application = application
        self._only = pool
        self._sign_ins = SignInAddresses()

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        """Raises TooManyRequests or Unavailable, and then has answered nothing."""
        pool, response = self._pool(scope["path"]), Response()
        environ = environ_of(scope, body_of(scope))
        async with pool.places.place(cast(dict[str, Any], scope)["caller"]):
            first, more = await _in_thread(pool.threads, self._begin, environ, response)
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
                chunk = await _in_thread(pool.threads, next, response.body, None)
                more = chunk is not None
                await send({"type": "http.response.body", "body": chunk or b"", "more_body": more})
        finally:
            if response.close is not None:
                await _in_thread(pool.threads, response.close)

    def _pool(self, path: str) -> Pool:
        if self._only is not None:
            return self._only
        if path in HEALTH:
            return health_pool()
        return sign_in_pool() if path in self._sign_ins else request_pool()

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


async def _in_thread(threads: Executor, function: Any, *args: Any) -> Any:
    return await asyncio.get_running_loop().run_in_executor(threads, copy_context().run, function, *args)


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
