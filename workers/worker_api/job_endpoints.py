"""What a running job may ask for over HTTP, with the token that dies with its lease."""

from __future__ import annotations

import logging
import re
import tempfile
from collections.abc import Awaitable, Callable
from typing import IO, Any, BinaryIO, cast
from urllib.parse import parse_qsl

import msgspec
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope

from control_plane.kernel.asgi_routes import AsyncRoute
from control_plane.kernel.config import config
from control_plane.kernel.threads import in_thread
from control_plane.kernel.words.errors import BadParameter, NotFound, TooLarge
from workers.runtime import protocol
from workers.worker_api import job_services
from workers.worker_api.messages import answered, bearer, read_body, read_message, respond

logger = logging.getLogger(__name__)

CHUNK = 256 * 1024
_SPOOLED = 1024 * 1024
_encoder = msgspec.json.Encoder(enc_hook=str)

Keep = Callable[[str, str, dict[str, str], BinaryIO], protocol.Stored]
Open = Callable[[str, str, dict[str, str]], BinaryIO]
App = Callable[[HTTPScope, ASGIReceiveCallable, ASGISendCallable], Awaitable[None]]


async def _resolve(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    asked = read_message(await read_body(receive), protocol.Resolve)
    values = await in_thread(job_services.resolve, bearer(scope), _address(scope), asked.names)
    await _answer(send, protocol.Resolved(values=values))


async def _service(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    asked = read_message(await read_body(receive), protocol.ServiceCall)
    service = _parameters(scope)["service"]
    value = await in_thread(job_services.call, bearer(scope), _address(scope), service, asked.method, asked.arguments)
    await _answer(send, protocol.ServiceAnswer(value=value))


def _upload(keep: Keep) -> App:
    async def app(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        with tempfile.SpooledTemporaryFile(_SPOOLED) as spool:
            await _spool(receive, spool)
            spool.seek(0)
            stored = await in_thread(keep, bearer(scope), _address(scope), _query(scope), cast(BinaryIO, spool))
        await _answer(send, stored)

    return app


async def _spool(receive: ASGIReceiveCallable, spool: IO[bytes]) -> None:
    """Take the body in as it comes; past a megabyte it goes to disk."""
    most, size, more = config().limits.upload_bytes, 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            raise NotFound("the worker went away")
        size += len(message["body"])
        if size > most:
            raise TooLarge(f"a file of at most {most} bytes is accepted")
        spool.write(message["body"])
        more = message["more_body"]


def _download(open_: Open) -> App:
    async def app(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        stream = await in_thread(open_, bearer(scope), _address(scope), _query(scope))
        headers = [(b"content-type", b"application/octet-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": False})
        try:
            while piece := await in_thread(stream.read, CHUNK):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            stream.close()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    return app


def _keep_file(token: str, address: str, query: dict[str, str], content: BinaryIO) -> protocol.Stored:
    return job_services.keep_file(token, address, _needed(query, "name"), query.get("taskRunId"), content)


def _open_file(token: str, address: str, query: dict[str, str]) -> BinaryIO:
    return job_services.open_file(token, address, _needed(query, "uri"))


def _keep_namespace_file(token: str, address: str, query: dict[str, str], content: BinaryIO) -> protocol.Stored:
    return job_services.keep_namespace_file(token, address, _needed(query, "path"), query.get("namespace"), content)


def _open_namespace_file(token: str, address: str, query: dict[str, str]) -> BinaryIO:
    return job_services.open_namespace_file(token, address, _needed(query, "path"), query.get("namespace"))


def _needed(query: dict[str, str], name: str) -> str:
    if not query.get(name):
        raise BadParameter(f"`{name}` is needed")
    return query[name]


def _query(scope: HTTPScope) -> dict[str, str]:
    return dict(parse_qsl(scope["query_string"].decode("ascii")))


def _parameters(scope: HTTPScope) -> dict[str, str]:
    return cast(dict[str, Any], scope)["path_params"]  # type: ignore[no-any-return]  # AsyncRoute puts it there


def _address(scope: HTTPScope) -> str:
    return _parameters(scope)["address"]


async def _answer(send: ASGISendCallable, message: msgspec.Struct) -> None:
    await respond(send, 200, _encoder.encode(message))


def _route(rest: str, method: str, app: App) -> AsyncRoute:
    pattern = re.compile(re.escape(protocol.BASE) + r"jobs/(?P<address>[A-Za-z0-9._-]+)/" + rest)
    return AsyncRoute(pattern, cast(ASGI3Application, answered(app)), frozenset({method}))


JOB_ENDPOINTS: list[AsyncRoute] = [
    _route("resolve", "POST", _resolve),
    _route(r"services/(?P<service>[a-z]+)", "POST", _service),
    _route("files", "PUT", _upload(_keep_file)),
    _route("files", "GET", _download(_open_file)),
    _route("namespace-files", "PUT", _upload(_keep_namespace_file)),
    _route("namespace-files", "GET", _download(_open_namespace_file)),
]
