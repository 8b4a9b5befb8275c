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
from control_plane.admission import Admission  # noqa: E402
from control_plane.kernel.admission.bodies import ClientGone  # noqa: E402
from control_plane.kernel.asgi_routes import AsyncRoute  # noqa: E402
from control_plane.kernel.hosts import is_ours  # noqa: E402
from control_plane.kernel.words.errors import BadParameter, ControlPlaneError  # noqa: E402
from control_plane.kernel.words.paths import Unreadable, decoded  # noqa: E402
from control_plane.refusals import refuse  # noqa: E402
from control_plane.ui import static_files  # noqa: E402
from control_plane.wsgi import application as django_application  # noqa: E402
from control_plane.wsgi_bridge import WsgiBridge  # noqa: E402

# Modules that bring `async_routes`, `websocket_urlpatterns` or both.
WAITING_ENDPOINTS = (
    "executions.live.streams",
    "executions.live.consumers",
    "triggers.api.held_back",
    "workers.worker_api.long_poll",
)
LIVENESS = "/health/liveness"
NOT_OURS = "this is not the name of this instance: set ORRERY_PUBLIC_URL or ORRERY_HOSTS"


def _brought(attribute: str) -> list[Any]:
    modules = [import_module(name) for name in WAITING_ENDPOINTS if find_spec(name) is not None]
    return [item for module in modules for item in getattr(module, attribute, ())]


class Application:
    """Routes by resolved path; a client never learns which half answered."""

    def __init__(
        self,
        routes: Sequence[AsyncRoute],
        websockets: ASGI3Application,
        threaded: ASGI3Application,
        admission: Admission | None = None,
    ) -> None:
        self._routes = routes
        self._websockets = websockets
        self._threaded = threaded
        self._admission = admission or Admission()

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
            await refuse(scope, receive, send, BadParameter(str(problem)))
            return
        if not is_ours(host_of(scope)):
            await refuse(scope, receive, send, BadParameter(NOT_OURS))
            return
        if scope["path"] == LIVENESS and scope["method"] in ("GET", "HEAD"):
            await _alive(send)
            return
        route, scope = self._routed(scope)
        try:
            async with self._admission.admitted(scope, receive, route) as whole:
                await (route.app if route else self._threaded)(whole, receive, send)
        except ControlPlaneError as error:
            await refuse(scope, receive, send, error)
        except ClientGone:
            return

    def _routed(self, scope: HTTPScope) -> tuple[AsyncRoute | None, HTTPScope]:
        for route in self._routes:
            parameters = route.match(scope)
            if parameters is not None:
                return route, cast(HTTPScope, {**scope, "path_params": parameters})
        return None, scope

    async def _websocket(self, scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if not is_ours(host_of(scope)):
            await send({"type": "websocket.close", "code": 4400, "reason": "not the name of this instance"})
            return
        try:
            await self._websockets(cast(WebSocketScope, {**scope, "path": path_of(scope)}), receive, send)
        except ValueError:
            # The router's way to say that no consumer has this address.
            await send({"type": "websocket.close", "code": 4404, "reason": "no such address"})


def host_of(scope: HTTPScope | WebSocketScope) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), None)


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


async def _alive(send: ASGISendCallable) -> None:
    """While the loop turns at all: neither a thread nor a place is needed to say so."""
    body = b'{"status":"UP"}'
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def build() -> Application:
    return Application(
        _brought("async_routes"),
        cast(ASGI3Application, URLRouter(_brought("websocket_urlpatterns"))),
        cast(ASGI3Application, WsgiBridge(static_files(django_application))),
    )


application = build()
