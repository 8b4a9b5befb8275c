"""What a running job may ask for over HTTP, with the token that dies with its lease."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any, BinaryIO, cast
from urllib.parse import parse_qsl

import msgspec
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope

from control_plane.kernel.asgi_routes import AsyncRoute, body_of
from control_plane.kernel.config import config
from control_plane.kernel.threads import in_thread
from control_plane.kernel.words.errors import BadParameter
from stores.secrets.reading import Reading
from workers.runtime import protocol
from workers.worker_api import job_services
from workers.worker_api.job_access import living_job
from workers.worker_api.messages import answered, bearer, read_message, respond

logger = logging.getLogger(__name__)

CHUNK = 256 * 1024
LONGEST_MESSAGE = 64 * 1024 * 1024
_encoder = msgspec.json.Encoder(enc_hook=str)

Keep = Callable[[str, str, dict[str, str], BinaryIO], protocol.Stored]
Open = Callable[[str, str, dict[str, str]], BinaryIO]
App = Callable[[HTTPScope, ASGIReceiveCallable, ASGISendCallable], Awaitable[None]]


async def _resolve(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    asked = read_message(body_of(scope).read(), protocol.Resolve)
    values, secrets = await in_thread(job_services.resolve, bearer(scope), _address(scope), asked.names)
    await _answer(send, protocol.Resolved(values=values, secrets=secrets))


async def _service(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    asked = read_message(body_of(scope).read(), protocol.ServiceCall)
    service = _parameters(scope)["service"]
    value = await in_thread(job_services.call, bearer(scope), _address(scope), service, asked.method, asked.arguments)
    if isinstance(value, Reading):
        value = await value.value_in_time()
    await _answer(send, protocol.ServiceAnswer(value=value))


async def _found(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    found = read_message(body_of(scope).read(), protocol.Found)
    await in_thread(job_services.take_found, bearer(scope), _address(scope), found)
    await _answer(send, protocol.Empty())


def _upload(keep: Keep) -> App:
    async def app(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        content = cast(BinaryIO, body_of(scope))
        await _answer(send, await in_thread(keep, bearer(scope), _address(scope), _query(scope), content))

    return app


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


def _vouch(scope: HTTPScope) -> None:
    """Before a large body is taken in: the token is this job's, and the lease lives."""
    with living_job(bearer(scope), _address(scope)):
        pass


def _largest_file() -> int:
    return config().limits.upload_bytes


def _largest_message() -> int:
    return LONGEST_MESSAGE


def _route(rest: str, method: str, app: App) -> AsyncRoute:
    pattern = re.compile(re.escape(protocol.BASE) + r"jobs/(?P<address>[A-Za-z0-9._-]+)/" + rest)
    most = _largest_file if method == "PUT" else _largest_message
    return AsyncRoute(pattern, cast(ASGI3Application, answered(app)), frozenset({method}), vouch=_vouch, most=most)


JOB_ENDPOINTS: list[AsyncRoute] = [
    _route("resolve", "POST", _resolve),
    _route("found", "POST", _found),
    _route(r"services/(?P<service>[a-z]+)", "POST", _service),
    _route("files", "PUT", _upload(_keep_file)),
    _route("files", "GET", _download(_open_file)),
    _route("namespace-files", "PUT", _upload(_keep_namespace_file)),
    _route("namespace-files", "GET", _download(_open_namespace_file)),
]
