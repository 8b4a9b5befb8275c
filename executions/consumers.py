"""The live WebSocket of a tenant: one connection, any number of subscriptions."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any, cast
from urllib.parse import urlsplit

import msgspec
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from django.urls import path

from control_plane.kernel.actor import Actor, Context
from control_plane.kernel.config import config
from control_plane.kernel.judge import admit
from control_plane.kernel.permissions import AUTHENTICATED
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.threads import in_thread
from control_plane.kernel.words.errors import ControlPlaneError, NotFound
from control_plane.kernel.words.ids import new_id
from executions.permissions import EXECUTION
from executions.rights_watch import rights_version
from executions.watching import Told, may_still, watch_execution, watch_executions, watch_logs
from iam.credentials import actor_for

logger = logging.getLogger(__name__)

PING_SECONDS = 20.0
CHECK_SECONDS = 3.0
MOST_SUBSCRIPTIONS = 100
LONGEST_MESSAGE = 4096
REFUSED, ENDED, FOREIGN = 4403, 4401, 4400
_encoder = msgspec.json.Encoder(enc_hook=str)


class Asked(msgspec.Struct, rename="camel"):
    """What a client may say."""

    type: str
    id: str = ""
    topic: str = ""
    execution_id: str = ""
    cursor: int = 0
    min_level: str | None = None


_decoder = msgspec.json.Decoder(Asked)


async def live(scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """The ASGI application of `/api/v1/{tenant}/live`."""
    tenant = cast(Any, scope)["url_route"]["kwargs"]["tenant"]
    await receive()
    connection = Connection(scope, send, tenant)
    if await connection.open():
        await connection.serve(receive)


class Connection:
    """One socket. What it is told is written by one task at a time; a slow reader slows only itself."""

    def __init__(self, scope: WebSocketScope, send: ASGISendCallable, tenant: str) -> None:
        self._headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        self._send = send
        self._tenant = tenant
        self._ctx = Context(Actor(kind=cast(Any, "ANONYMOUS")), tenant)
        self._subscriptions: dict[str, asyncio.Task[None]] = {}
        self._asked: dict[str, Asked] = {}
        self._writing = asyncio.Lock()
        self._closed = False

    async def open(self) -> bool:
        """Let it in, if it comes from our own pages or with a token, and belongs to the tenant."""
        if not self._is_ours():
            await self._close(FOREIGN, "foreign origin")
            return False
        try:
            self._ctx = await in_thread(self._enter)
        except ControlPlaneError as error:
            await self._close(ENDED if error.status == 401 else REFUSED, error.message)
            return False
        await self._send({"type": "websocket.accept", "subprotocol": None, "headers": []})
        return True

    async def serve(self, receive: ASGIReceiveCallable) -> None:
        guard = asyncio.create_task(self._guard())
        try:
            while not self._closed:
                message = await receive()
                if message["type"] != "websocket.receive":
                    return
                await self._hear(message.get("text") or "")
        finally:
            guard.cancel()
            for task in self._subscriptions.values():
                task.cancel()
            await asyncio.gather(guard, *self._subscriptions.values(), return_exceptions=True)

    def _is_ours(self) -> bool:
        """A cookie is sent by every page there is; only ours may use it. A token proves itself."""
        origin = self._headers.get("origin")
        if "authorization" in self._headers:
            return True
        if origin is None:
            return False
        allowed = {self._headers.get("host", ""), urlsplit(config().origin).netloc}
        return urlsplit(origin).netloc in allowed

    def _enter(self) -> Context:
        ctx = Context(actor_for(self._headers), self._tenant, request_id=new_id())
        with tenant_scope(self._tenant):
            admit(ctx, AUTHENTICATED)
            admit(ctx, None)
        return ctx

    async def _hear(self, text: str) -> None:
        try:
            if len(text) > LONGEST_MESSAGE:
                raise ValueError("too long")
            asked = _decoder.decode(text)
        except (msgspec.DecodeError, ValueError, RecursionError):
            await self._tell({"type": "error", "id": "", "code": "bad_message", "message": "this is no message"})
            return
        if asked.type == "unsubscribe":
            self._forget(asked.id)
        elif asked.type == "subscribe":
            await self._subscribe(asked)
        else:
            await self._error(asked.id, "bad_message", f"`{asked.type[:50]}` is unknown")

    async def _subscribe(self, asked: Asked) -> None:
        self._forget(asked.id)
        told = self._topic(asked)
        if told is None:
            await self._error(asked.id, "bad_topic", f"`{asked.topic[:50]}` is no topic")
        elif len(self._subscriptions) >= MOST_SUBSCRIPTIONS:
            await self._error(asked.id, "too_many", f"at most {MOST_SUBSCRIPTIONS} subscriptions")
        else:
            self._asked[asked.id] = asked
            self._subscriptions[asked.id] = asyncio.create_task(self._pass_on(asked.id, told))

    def _topic(self, asked: Asked) -> AsyncIterator[Told] | None:
        if asked.topic == "execution":
            return watch_execution(self._ctx, asked.execution_id)
        if asked.topic == "logs":
            return watch_logs(self._ctx, asked.execution_id, after=asked.cursor, min_level=asked.min_level)
        return watch_executions(self._ctx) if asked.topic == "executions" else None

    async def _pass_on(self, subscription: str, told: AsyncIterator[Told]) -> None:
        try:
            async with contextlib.aclosing(cast(Any, told)) as each:
                async for news in each:
                    await self._tell(_message(subscription, news))
        except ControlPlaneError as error:
            await self._error(subscription, error.code, error.message)
        except asyncio.CancelledError:
            raise
        except Exception:
            logger.exception("a subscription failed")
            await self._error(subscription, "error", "Internal Server Error")
        finally:
            if self._subscriptions.get(subscription) is asyncio.current_task():
                del self._subscriptions[subscription]
                self._asked.pop(subscription, None)

    def _forget(self, subscription: str) -> None:
        task = self._subscriptions.pop(subscription, None)
        self._asked.pop(subscription, None)
        if task is not None:
            task.cancel()

    async def _guard(self) -> None:
        """Keep the connection alive, and end it, or what it may no longer see, when rights have changed."""
        seen = await rights_version(self._tenant)
        silent = 0.0
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            silent += CHECK_SECONDS
            if silent >= PING_SECONDS:
                silent = 0.0
                await self._tell({"type": "ping"})
            with contextlib.suppress(OSError):
                now = await rights_version(self._tenant)
                if now != seen:
                    seen = now
                    await self._check_again()

    async def _check_again(self) -> None:
        try:
            self._ctx = await in_thread(self._enter)
        except ControlPlaneError as error:
            await self._close(ENDED if error.status == 401 else REFUSED, error.message)
            return
        for subscription, asked in list(self._asked.items()):
            permission = {"logs": EXECUTION.ACCESS_LOGS, "execution": EXECUTION.FOLLOW}.get(asked.topic, EXECUTION.LIST)
            try:
                await in_thread(may_still, self._ctx, permission, asked.execution_id or None)
            except NotFound:
                self._forget(subscription)
                await self._error(subscription, "not_found", "There is no such thing, or you may not know of it.")
            except ControlPlaneError as error:
                self._forget(subscription)
                await self._error(subscription, error.code, error.message)
            else:
                if asked.topic == "executions":
                    await self._subscribe(asked)

    async def _error(self, subscription: str, code: str, message: str) -> None:
        await self._tell({"type": "error", "id": subscription, "code": code, "message": message})

    async def _tell(self, message: dict[str, Any]) -> None:
        async with self._writing:
            if not self._closed:
                text = _encoder.encode(message).decode()
                await self._send({"type": "websocket.send", "bytes": None, "text": text})

    async def _close(self, code: int, reason: str) -> None:
        async with self._writing:
            self._closed = True
            await self._send({"type": "websocket.close", "code": code, "reason": reason[:100]})


def _message(subscription: str, told: Told) -> dict[str, Any]:
    if told.type == "end":
        return {"type": "end", "id": subscription}
    return {"type": told.type, "id": subscription, "cursor": told.cursor, "data": told.data}


websocket_urlpatterns = [path("api/v1/<str:tenant>/live", cast(Any, live))]
