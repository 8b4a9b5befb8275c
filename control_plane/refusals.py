"""Refusals that are given before Django has seen the request."""

from __future__ import annotations

import json

from asgiref.typing import ASGISendCallable


async def refuse(send: ASGISendCallable, status: int, message: str) -> None:
    """Answer in the shape of the API's errors and close the connection: what follows may not be a request."""
    body = json.dumps({"message": message}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    headers += [(b"connection", b"close")] + ([(b"retry-after", b"1")] if status == 503 else [])
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
