"""Endpoints that wait (follow, logs, wait=true), and the start of an execution, on its shortest path."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import lru_cache
from typing import Any, cast

import msgspec
from asgiref.typing import ASGI3Application, ASGIReceiveCallable, ASGISendCallable, HTTPScope
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase

from control_plane.kernel.actor import Context
from control_plane.kernel.api.dispatch import context_of, remember_refusal, request_id_of
from control_plane.kernel.api.errors import error_response
from control_plane.kernel.api.query import flag, text
from control_plane.kernel.asgi_routes import AsyncRoute, body_of, is_held_back, until_gone
from control_plane.kernel.authorization import admit
from control_plane.kernel.permissions import Permission
from control_plane.kernel.pools import request_pool
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.threads import in_thread
from control_plane.kernel.words.errors import ControlPlaneError
from executions.api.create import create_view
from executions.live.following import follow_execution, follow_log
from executions.live.reading import may_watch
from executions.live.relatives import Reach, follow_relatives
from executions.live.rights_watch import rights_moved
from executions.permissions import EXECUTION
from executions.queries.execution import flow_of, namespace_of
from executions.services.bulk import VERBS
from executions.shapes import owned
from iam.authorization.versions import Versions, current

KEEP_ALIVE_SECONDS = 15.0
LONGEST_WAIT = 3600.0
_encoder = msgspec.json.Encoder(enc_hook=str)

Frames = Callable[[Context, HttpRequest, str], AsyncIterator[bytes]]


async def start(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """The same view as Django would call, in one hop to a thread; with `wait` the answer is held back until the end."""
    request = ASGIRequest(cast(Any, scope), cast(Any, body_of(scope)))
    parameters: dict[str, str] = cast(Any, scope)["path_params"]
    response = await request_pool().run(cast(Any, scope)["caller"], create_view, request, **parameters)
    if response.status_code == 200 and request.GET.get("wait", "").lower() in ("true", "1"):
        response = await until_gone(scope, receive, _at_its_end(request, parameters["tenant"], response))
    await reply(send, response)


async def _at_its_end(request: HttpRequest, tenant: str, started: HttpResponseBase) -> HttpResponseBase:
    """The execution that was started, once it has ended. Holds no thread and no connection meanwhile."""
    shown = msgspec.json.decode(cast(HttpResponse, started).content)
    ctx = await in_thread(context_of, request, tenant, request_id_of(request))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LONGEST_WAIT):
            async for seen in follow_execution(ctx, shown["id"]):
                shown = {**shown, **seen.shown.data}
    answer = HttpResponse(_encoder.encode(owned(shown)), content_type="application/json")
    answer["X-Request-Id"] = started["X-Request-Id"]
    return answer


def _stream(frames: Frames, permission: Permission) -> ASGI3Application:
    async def app(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        request = ASGIRequest(cast(Any, scope), cast(Any, None))
        parameters: dict[str, str] = cast(Any, scope)["path_params"]
        tenant, execution_id = parameters["tenant"], parameters["execution_id"]
        try:
            ctx, rights = await in_thread(_enter, request, tenant, execution_id, permission)
        except Exception as error:
            request_id = request_id_of(request)
            await in_thread(remember_refusal, request, tenant, error, request_id)
            await reply(send, error_response(error, request.get_full_path(), request_id))
            return
        is_held_back(scope)
        forbidden = _forbidden(request, tenant, execution_id, permission, rights)
        await _send_frames(frames(ctx, request, execution_id), forbidden, receive, send)

    return cast(ASGI3Application, app)


def _enter(request: HttpRequest, tenant: str, execution_id: str, permission: Permission) -> tuple[Context, Versions]:
    """What can be refused is refused before the stream begins. The version is read first: rights may move meanwhile."""
    rights = current(tenant)
    ctx = context_of(request, tenant, request_id_of(request))
    with tenant_scope(tenant):
        admit(ctx, permission)
        namespace_of(execution_id)
    may_watch(ctx, permission, execution_id)
    return ctx, rights


async def _send_frames(
    frames: AsyncIterator[bytes],
    forbidden: Coroutine[Any, Any, None],
    receive: ASGIReceiveCallable,
    send: ASGISendCallable,
) -> None:
    headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-cache"), (b"x-accel-buffering", b"no")]
    await send({"type": "http.response.start", "status": 200, "headers": headers, "trailers": False})
    writer = asyncio.create_task(_write(frames, send))
    others = [asyncio.create_task(_gone(receive)), asyncio.create_task(forbidden)]
    try:
        await asyncio.wait([writer, *others], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (writer, *others):
            task.cancel()
        await asyncio.gather(writer, *others, return_exceptions=True)
        with contextlib.suppress(OSError, RuntimeError):
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _write(frames: AsyncIterator[bytes], send: ASGISendCallable) -> None:
    """Each frame as it comes, with comments as keep-alive, so that no proxy takes silence for an end."""
    asked: asyncio.Task[bytes] | None = None
    try:
        while True:
            asked = asked or asyncio.ensure_future(cast(Any, anext(frames)))
            done, _ = await asyncio.wait([asked], timeout=KEEP_ALIVE_SECONDS)
            if not done:
                await send({"type": "http.response.body", "body": b": \n\n", "more_body": True})
                continue
            try:
                frame = asked.result()
            except StopAsyncIteration:
                return
            asked = None
            await send({"type": "http.response.body", "body": frame, "more_body": True})
    finally:
        if asked is not None:
            asked.cancel()


async def _gone(receive: ASGIReceiveCallable) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


async def _forbidden(
    request: HttpRequest, tenant: str, execution_id: str, permission: Permission, seen: Versions
) -> None:
    """Returns when the credentials no longer allow this stream: a right, token, session or user has gone."""
    while True:
        await rights_moved(tenant, seen)
        try:
            _, seen = await in_thread(_enter, request, tenant, execution_id, permission)
        except ControlPlaneError:
            return


async def _execution_frames(ctx: Context, request: HttpRequest, execution_id: str) -> AsyncIterator[bytes]:
    """The whole execution with each frame, as clients of this stream expect."""
    async for seen in follow_execution(ctx, execution_id):
        yield framed("end" if seen.is_over else "progress", seen.shown.owned_text)


async def _log_frames(ctx: Context, request: HttpRequest, execution_id: str) -> AsyncIterator[bytes]:
    least = text(request.GET, "minLevel") or _least(request)
    namespace, flow_id = await in_thread(_flow_of, ctx, execution_id)
    yield frame("start", {})
    async for lines in follow_log(ctx, execution_id, least):
        yield _frames_of_lines(execution_id, namespace, flow_id, lines)
    yield frame("end", {})


@lru_cache(maxsize=32)
def _frames_of_lines(execution_id: str, namespace: str, flow_id: str, lines: bytes) -> bytes:
    """A frame for each line; those who follow one log get the same lines, and so the same frames."""
    shown = msgspec.json.decode(lines)
    owner = {"namespace": namespace, "flowId": flow_id, "executionId": execution_id}
    return b"".join(frame("progress", {**owner, **line}) for line in shown)


def _flow_of(ctx: Context, execution_id: str) -> tuple[str, str]:
    with tenant_scope(ctx.tenant_id or ""):
        return flow_of(execution_id)


def _least(request: HttpRequest) -> str | None:
    for name in ("GREATER_THAN_OR_EQUAL_TO", "EQUALS"):
        value = text(request.GET, f"filters[level][{name}]")
        if value:
            return value
    return None


async def _status_frames(ctx: Context, request: HttpRequest, execution_id: str) -> AsyncIterator[bytes]:
    """The state of the execution, then of its relatives, each again when it changes; last its own once more."""
    reach = Reach(is_down_only=flag(request.GET, "destinationOnly"), is_deep=flag(request.GET, "expandAll"))
    states: dict[str, Any] = {}
    event: dict[str, Any] = {}
    async for each, seen in follow_relatives(ctx, execution_id, reach):
        shown = seen.shown.data
        if shown["state"] != states.get(each):
            states[each] = shown["state"]
            told = {"executionId": each, **{name: shown[name] for name in _STATUS}}
            event = told if each == execution_id else event
            yield frame("progress", told)
    yield frame("end", event)


_STATUS = ("tenantId", "namespace", "flowId", "state")


def frame(event_id: str, data: Any) -> bytes:
    return framed(event_id, _encoder.encode(data))


def framed(event_id: str, data: bytes) -> bytes:
    return b"id: " + event_id.encode() + b"\ndata: " + data + b"\n\n"


async def reply(send: ASGISendCallable, response: HttpResponseBase) -> None:
    """A complete response as ASGI messages."""
    content = response.content if isinstance(response, HttpResponse) else b""
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.items()]
    headers.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": content, "more_body": False})
    response.close()


_TENANT = r"/api/v1/(?P<tenant>[^/]+)"
# What is no namespace and flow but an act on many executions.
_MANY = rf"(?:{'|'.join(sorted(VERBS))})/by-(?:ids|query)"
START = re.compile(rf"{_TENANT}/executions/(?!{_MANY}$)(?P<namespace>[^/]+)/(?P<flow_id>[^/]+)")
_ONE = rf"{_TENANT}/executions/(?P<execution_id>[^/]+)"

async_routes = [
    AsyncRoute(START, cast(ASGI3Application, start), frozenset({"POST"})),
    AsyncRoute(re.compile(rf"{_ONE}/follow"), _stream(_execution_frames, EXECUTION.FOLLOW)),
    AsyncRoute(re.compile(rf"{_ONE}/follow-dependencies"), _stream(_status_frames, EXECUTION.FOLLOW)),
    AsyncRoute(
        re.compile(rf"{_TENANT}/logs/(?P<execution_id>[^/]+)/follow"),
        _stream(_log_frames, EXECUTION.ACCESS_LOGS),
    ),
]
