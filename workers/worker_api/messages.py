"""How the worker API reads messages and answers them on the event loop."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.db import DatabaseError, InterfaceError

from control_plane.kernel.admission.bodies import ClientGone
from control_plane.kernel.api.errors import translate
from control_plane.kernel.words.errors import BadParameter, ControlPlaneError, Unavailable
from workers.runtime import protocol

logger = logging.getLogger(__name__)

M = TypeVar("M", bound=msgspec.Struct)
App = Callable[[HTTPScope, ASGIReceiveCallable, ASGISendCallable], Awaitable[None]]
_encoder = msgspec.json.Encoder(enc_hook=str)


def answered(app: App) -> App:
    """Turn what the endpoint raises into the refusal a worker understands."""

    async def wrapped(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        try:
            await app(scope, receive, send)
        except ClientGone:
            raise
        except Exception as error:
            status, body = refusal(error)
            await respond(send, status, body)

    return wrapped


def refusal(error: Exception) -> tuple[int, bytes]:
    """What cannot be kept is told; a database that is away is a reason to come back; the rest is a bug."""
    told = translate(error)
    if told is None and isinstance(error, DatabaseError | InterfaceError):
        told = Unavailable()
    if told is not None:
        if not isinstance(error, ControlPlaneError):
            logger.warning("a worker's request was refused: %s", told.message, exc_info=error)
        return told.status, _encoder.encode(protocol.Refusal(message=told.message, code=told.code))
    logger.error("a worker's request failed", exc_info=error)
    return 500, _encoder.encode(protocol.Refusal(message="Internal Server Error", code="error"))


def read_message(body: bytes, model: type[M]) -> M:
    try:
        return msgspec.json.decode(body, type=model)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadParameter(f"the message is no {model.__name__}: {error}") from error


async def respond(send: ASGISendCallable, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def bearer(scope: HTTPScope) -> str:
    for name, value in scope["headers"]:
        if name == b"authorization":
            scheme, _, token = value.decode("latin-1").partition(" ")
            return token.strip(" \t") if scheme.lower() == "bearer" else ""
    return ""
