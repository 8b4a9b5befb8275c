"""One port, one server: what waits is served on the event loop, everything else by Django in a thread."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast
from urllib.parse import quote

import django
from asgiref.typing import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    HTTPScope,
    LifespanScope,
    Scope,
    WebSocketScope,
)

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "control_plane.settings")
django.setup()

from channels.routing import URLRouter  # noqa: E402

import control_plane.celery  # noqa: E402, F401  (tickets are sent through the current application)
from control_plane.kernel.asgi_routes import AsyncRoute  # noqa: E402
from control_plane.kernel.config import config  # noqa: E402
from control_plane.kernel.threads import request_threads  # noqa: E402
from control_plane.kernel.words.paths import Unreadable, decoded  # noqa: E402
from control_plane.refusals import refuse  # noqa: E402
from control_plane.ui import static_files  # noqa: E402
from control_plane.wsgi import application as django_application  # noqa: E402
from control_plane.wsgi_bridge import WsgiBridge  # noqa: E402

# Modules that bring `async_routes`, `websocket_urlpatterns` or both.
WAITING_ENDPOINTS = ("executions.live.streams", "executions.live.consumers", "workers.worker_api.long_poll")
# Requests that wait for one of a thread; more would only wait longer than anybody listens.
WAITING_PER_THREAD = 64


def _brought(attribute: str) -> list[Any]:
    doors = [import_module(name) for name in WAITING_ENDPOINTS if find_spec(name) is not None]
    return [item for door in doors for item in getattr(door, attribute, ())]


class Application:
    """Routes by resolved path; a client never learns which half answered."""

    def __init__(self, routes: Sequence[AsyncRoute], websockets: ASGI3Application, threaded: ASGI3Application) -> None:
        self._routes = routes
        self._websockets = websockets
        self._threaded = threaded

    async def __call__(self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await _lifespan(scope, receive, send)

    async def _http(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        try:
            scope = cast(HTTPScope, {**scope, "path": path_of(scope)})
        except Unreadable as problem:
            await refuse(send, 400, f"Illegal argument: {problem}")
            return
        for route in self._routes:
            parameters = route.match(scope)
            if parameters is not None:
                scope = cast(HTTPScope, {**scope, "path_params": parameters})
                await route.app(scope, receive, send)
                return
        await self._threaded(scope, receive, send)

    async def _websocket(self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        try:
            await self._websockets(cast(WebSocketScope, {**scope, "path": path_of(scope)}), receive, send)
        except ValueError:
            # The router's way to say that no consumer has this address.
            await send({"type": "websocket.close", "code": 4404, "reason": "no such address"})


def path_of(scope: HTTPScope | WebSocketScope) -> str:
    """The path as it is routed by. Unreadable for bytes that no address of ours holds or PostgreSQL cannot store."""
    query = scope.get("query_string", b"")
    if b"%00" in query:
        raise Unreadable("an address cannot hold a NUL character")
    if not query.isascii():
        raise Unreadable("the query is not percent-encoded")
    return decoded(scope.get("raw_path") or quote(scope["path"]).encode())


async def _lifespan(scope: LifespanScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        elif message["type"] == "lifespan.shutdown":
            await send({"type": "lifespan.shutdown.complete"})
            return


def build() -> Application:
    knobs = config()
    threaded = WsgiBridge(
        static_files(django_application),
        request_threads(),
        body_bytes=knobs.limits.upload_bytes,
        waiting=knobs.web_threads * WAITING_PER_THREAD,
    )
    return Application(
        _brought("async_routes"),
        cast(ASGI3Application, URLRouter(_brought("websocket_urlpatterns"))),
        cast(ASGI3Application, threaded),
    )


application = build()
