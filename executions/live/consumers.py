"""The live WebSocket of a tenant: one connection, any number of subscriptions."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

import msgspec
from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from django.urls import path

from control_plane.kernel.actor import Actor, Context
from control_plane.kernel.api.errors import Bug, translate
from control_plane.kernel.authorization import admit
from control_plane.kernel.config import config
from control_plane.kernel.live.frames import Prepared
from control_plane.kernel.live.sink import send_by, sink_of
from control_plane.kernel.permissions import AUTHENTICATED, Permission
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.threads import in_thread
from control_plane.kernel.words import strict_json
from control_plane.kernel.words.errors import ControlPlaneError, NotFound
from control_plane.kernel.words.ids import new_id
from executions.live.execution_subscribers import ExecutionMember, LogMember
from executions.live.list_fan_out import ListMember
from executions.live.reading import may_watch
from executions.live.rights_watch import in_turn, rights_moved
from executions.live.subscribers import Member
from executions.permissions import EXECUTION
from iam.authentication.credentials import actor_for
from iam.authorization.versions import Versions, current

logger = logging.getLogger(__name__)

PING_SECONDS = 20.0
MOST_SUBSCRIPTIONS = 100
MOST_THAT_ENDED = 20
"""An ended execution may be started again: its last watchers are told, without asking."""
LONGEST_MESSAGE = 4096
REFUSED, ENDED, FOREIGN = 4403, 4401, 4400
PING = Prepared([b'{"type":"ping"}'])
_encoder = msgspec.json.Encoder(enc_hook=str)


class Asked(msgspec.Struct, rename="camel"):
    """What a client may say."""

    type: str
    id: str = ""
    topic: str = ""
    execution_id: str = ""
    cursor: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    min_level: str | None = None

    @property
    def permission(self) -> Permission:
        return {"logs": EXECUTION.ACCESS_LOGS, "execution": EXECUTION.FOLLOW}.get(self.topic, EXECUTION.LIST)


async def live(scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """The ASGI application of `/api/v1/{tenant}/live`."""
    tenant = cast(Any, scope)["url_route"]["kwargs"]["tenant"]
    await receive()
    connection = Connection(scope, send, tenant)
    if await connection.open():
        await connection.serve(receive)


class Subscription:
    """What was asked, who is told, and the task that follows."""

    def __init__(self, asked: Asked, member: Member, task: asyncio.Task[None]) -> None:
        self.asked = asked
        self.member = member
        self.task = task


class Connection:
    """One socket. Whoever has changes for it writes to its sink; a slow reader slows only itself."""

    def __init__(self, scope: WebSocketScope, send: ASGISendCallable, tenant: str) -> None:
        self._headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        client = scope.get("client")
        self._ip = client[0] if client else None
        self._send = send
        self._sink = sink_of(scope, send)
        self._tenant = tenant
        self._ctx = Context(Actor(kind=cast(Any, "ANONYMOUS")), tenant)
        self._rights = Versions(0, None)
        self._subscriptions: dict[str, Subscription] = {}
        self._closed = False

    async def open(self) -> bool:
        """Let it in, if it comes from our own pages or with a token, and belongs to the tenant."""
        if not self._is_ours():
            await self._close(FOREIGN, "foreign origin")
            return False
        try:
            self._ctx, self._rights = await in_thread(self._checked)
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
            tasks = [guard, *(subscription.task for subscription in self._subscriptions.values())]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _is_ours(self) -> bool:
        """A cookie is sent by every page there is; only ours may use it. A token proves itself."""
        origin = self._headers.get("origin")
        if "authorization" in self._headers:
            return True
        if origin is None:
            return False
        allowed = {self._headers.get("host", ""), urlsplit(config().origin).netloc}
        return urlsplit(origin).netloc in allowed

    def _checked(self) -> tuple[Context, Versions]:
        """The version is read first: rights that move meanwhile are checked once more."""
        versions = current(self._tenant)
        ctx = Context(actor_for(self._headers, ip=self._ip), self._tenant, request_id=new_id())
        with tenant_scope(self._tenant):
            admit(ctx, AUTHENTICATED)
            admit(ctx, None)
        return ctx, versions

    async def _hear(self, text: str) -> None:
        try:
            if len(text) > LONGEST_MESSAGE:
                raise ValueError("too long")
            asked = msgspec.convert(strict_json.loads(text), Asked)
        except (msgspec.DecodeError, ValueError, RecursionError):
            await self._error("", "bad_message", "this is no message")
            return
        if asked.type == "unsubscribe":
            self._forget(asked.id)
        elif asked.type == "subscribe":
            await self._subscribe(asked)
        else:
            await self._error(asked.id, "bad_message", f"`{asked.type[:50]}` is unknown")

    async def _subscribe(self, asked: Asked) -> None:
        self._forget(asked.id)
        member = self._member(asked)
        if member is None:
            await self._error(asked.id, "bad_topic", f"`{asked.topic[:50]}` is no topic")
        elif not self._has_room():
            await self._error(asked.id, "too_many", f"at most {MOST_SUBSCRIPTIONS} subscriptions")
        else:
            task = asyncio.create_task(self._follow(asked.id, member))
            self._subscriptions[asked.id] = Subscription(asked, member, task)

    def _has_room(self) -> bool:
        """Those that ended count little, and make room for others: a page may have forgotten them."""
        ended = [name for name, subscription in self._subscriptions.items() if subscription.member.is_over]
        for name in ended[: max(0, len(ended) - MOST_THAT_ENDED + 1)]:
            self._forget(name)
        return len(self._subscriptions) - min(len(ended), MOST_THAT_ENDED) < MOST_SUBSCRIPTIONS

    def _member(self, asked: Asked) -> Member | None:
        if asked.topic == "execution":
            return ExecutionMember(self._sink, asked.id, self._ctx, asked.execution_id)
        if asked.topic == "logs":
            return LogMember(self._sink, asked.id, self._ctx, asked.execution_id, asked.cursor, asked.min_level)
        return ListMember(self._sink, asked.id, self._ctx) if asked.topic == "executions" else None

    async def _follow(self, name: str, member: Member) -> None:
        try:
            await member.follow()
        except Exception as error:
            refused = translate(error)
            if refused is None:
                logger.exception("a subscription failed")
            await self._error(name, *((refused.code, refused.message) if refused else ("error", Bug.reason)))
        finally:
            known = self._subscriptions.get(name)
            if known is not None and known.member is member:
                del self._subscriptions[name]

    def _forget(self, name: str) -> None:
        subscription = self._subscriptions.pop(name, None)
        if subscription is not None:
            subscription.member.leave()
            subscription.task.cancel()

    async def _guard(self) -> None:
        """Keep the connection alive, and end it, or what it may no longer see, when rights have changed."""
        while not self._closed:
            try:
                await asyncio.wait_for(rights_moved(self._tenant, self._rights), PING_SECONDS)
            except TimeoutError:
                self._sink.write(PING)
            else:
                await self._check_again()

    async def _check_again(self) -> None:
        try:
            self._ctx, self._rights = await in_turn(self._checked)
        except ControlPlaneError as error:
            await self._close(ENDED if error.status == 401 else REFUSED, error.message)
            return
        for name, subscription in list(self._subscriptions.items()):
            asked = subscription.asked
            try:
                await in_turn(may_watch, self._ctx, asked.permission, asked.execution_id or None)
            except ControlPlaneError as error:
                self._forget(name)
                message = "There is no such thing, or you may not know of it."
                await self._error(name, error.code, message if isinstance(error, NotFound) else error.message)
            else:
                if asked.topic == "executions":
                    await self._subscribe(asked)

    async def _error(self, name: str, code: str, message: str) -> None:
        text = _encoder.encode({"type": "error", "id": name, "code": code, "message": message})
        await send_by(self._sink, Prepared([text]))

    async def _close(self, code: int, reason: str) -> None:
        self._closed = True
        for name in list(self._subscriptions):
            self._forget(name)
        await self._sink.drained()
        await self._send({"type": "websocket.close", "code": code, "reason": reason[:100]})


websocket_urlpatterns = [path("api/v1/<str:tenant>/live", cast(Any, live))]
