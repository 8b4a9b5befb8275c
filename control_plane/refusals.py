"""Refusals that are given before Django has seen the request."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope

from control_plane.kernel.admission.bodies import declared_length
from control_plane.kernel.api.errors import error_response
from control_plane.kernel.api.request_ids import known_or_new_id
from control_plane.kernel.words.errors import TooSlow

LINGER_SECONDS = 2.0
LINGER_BYTES = 64 * 1024 * 1024


async def refuse(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable, error: Exception) -> None:
    """Answer in the shape of the API's errors and close the connection: what follows may not be a request."""
    given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
    request_id = known_or_new_id(given.decode("latin-1"))
    response = error_response(error, scope["path"], request_id)
    response.headers["X-Request-Id"] = request_id
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    headers += [(b"content-length", str(len(response.content)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": response.content, "more_body": True})
    if _is_sending(scope) and not isinstance(error, TooSlow):
        await _linger(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _is_sending(scope: HTTPScope) -> bool:
    """Who expects a 100 sends nothing before it."""
    return declared_length(scope) != 0 and not any(name == b"expect" for name, _ in scope["headers"])


async def _linger(receive: ASGIReceiveCallable) -> None:
    """Throw away what still comes for a moment: a client that is sending reads the answer only if nothing breaks."""
    size = 0
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while size < LINGER_BYTES:
                message = await receive()
                if message["type"] != "http.request" or not message["more_body"]:
                    return
                size += len(message["body"])
