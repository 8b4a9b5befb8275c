"""Requests about executions that wait, and the start, which is too frequent to go the long way."""

from __future__ import annotations

import re
from tempfile import SpooledTemporaryFile
from typing import Any, cast

from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.core.handlers.asgi import ASGIRequest
from django.http.response import HttpResponse, HttpResponseBase

from control_plane.kernel.asgi_routes import AsyncRoute
from control_plane.kernel.config import config
from control_plane.kernel.threads import in_thread
from executions.api.create import create_view

MEMORY_BYTES = 1024 * 1024
# Second segments that belong to acts on many executions, not to a flow.
NO_NAMESPACE = (
    "by-ids|by-query|change-status|export|flows|force-run|kill|labels|latest|namespaces|pause|replay|restart|resume|"
    "search|unqueue|webhook|distinct-field-values"
)
START = re.compile(
    rf"/api/v1/(?P<tenant>[^/]+)/executions/(?!(?:{NO_NAMESPACE})/)(?P<namespace>[^/]+)/(?P<flow_id>[^/]+)"
)


async def start(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """The same view as Django would call, in one hop to a thread."""
    with SpooledTemporaryFile(MEMORY_BYTES) as body:
        if not await _read(receive, body):
            return
        request = ASGIRequest(cast(Any, scope), body)
        parameters: dict[str, str] = cast(Any, scope)["path_params"]
        response = await in_thread(create_view, request, **parameters)
    await reply(send, response)


async def _read(receive: ASGIReceiveCallable, body: Any) -> bool:
    """False when the client went away meanwhile."""
    size, more, limit = 0, True, config().limits.upload_bytes
    while more and size <= limit:
        message = await receive()
        if message["type"] != "http.request":
            return False
        size += len(message["body"])
        body.write(message["body"])
        more = message["more_body"]
    body.seek(0)
    return True


async def reply(send: ASGISendCallable, response: HttpResponseBase) -> None:
    """An answer that is whole, as the server wants it."""
    content = response.content if isinstance(response, HttpResponse) else b""
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": content, "more_body": False})
    response.close()


async_routes = [AsyncRoute(START, cast(ASGI3Application, start), frozenset({"POST"}))]
