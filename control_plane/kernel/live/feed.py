"""The watcher's side of the feed: one subscriber per web process, fanned out in its own memory."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, cast
from weakref import WeakKeyDictionary

import msgspec
import redis.asyncio as redis

from control_plane.kernel.config import config
from control_plane.kernel.live.replies import Replies

logger = logging.getLogger(__name__)

MOST_WAITING = 1000
"""Messages one watcher may be behind; after that they are dropped, and it reads the present state instead."""
RECONNECT_SECONDS = 0.5
QUIET_SECONDS = 10.0
"""A connection that brings nothing for so long is asked whether it still stands, and given up if it does not answer."""

CHUNK_BYTES = 256 * 1024
PAUSE_SECONDS = 0.008

Message = dict[str, msgspec.Raw]
"""The parts of a message, undecoded: most are passed on to many as they are."""


class Watch:
    """One watcher of one channel. `is_broken` says that messages were missed: read the state, then `mend`."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque()
        self._news = asyncio.Event()
        self.is_broken = False

    def tell(self, message: Message) -> None:
        if len(self._messages) >= MOST_WAITING:
            self.break_off()
        elif not self.is_broken:
            self._messages.append(message)
            self._news.set()

    def break_off(self) -> None:
        self._messages.clear()
        self.is_broken = True
        self._news.set()

    def mend(self) -> None:
        """From now on messages are kept again. Call it before the state is read, so that nothing falls between."""
        self._messages.clear()
        self.is_broken = False
        self._news.clear()

    async def wait(self, seconds: float | None = None) -> bool:
        """Wait for a message or a break; False when the time was up first."""
        if not self._messages and not self.is_broken:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), seconds)
            except TimeoutError:
                return False
        return True

    def take(self) -> list[Message]:
        """Everything that has come so far."""
        taken = list(self._messages)
        self._messages.clear()
        return taken


class Feed:
    """Subscribes once to each watched channel, however many watch it, and stops with the last of them."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._watches: dict[str, set[Watch]] = {}
        self._connection: redis.Connection | None = None
        self._replies = Replies()
        self._is_asked = False
        self._task: asyncio.Task[None] | None = None
        self._changed = asyncio.Lock()
        self._ready: dict[str, asyncio.Event] = {}

    @asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[Watch]:
        """Watch a channel. When this returns, everything published from now on arrives or the watch is broken."""
        watch = Watch()
        await self._add(channel, watch)
        try:
            yield watch
        finally:
            await asyncio.shield(self._remove(channel, watch))

    async def close(self) -> None:
        """Let go of the connection. Whoever still watches hears no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._connection is not None:
            await self._connection.disconnect()

    async def _add(self, channel: str, watch: Watch) -> None:
        async with self._changed:
            watches = self._watches.setdefault(channel, set())
            watches.add(watch)
            if len(watches) > 1 or self._url is None:
                ready = self._ready.get(channel)
            else:
                ready = self._ready[channel] = asyncio.Event()
                await self._listen_to(channel)
        if ready is not None:
            try:
                await asyncio.wait_for(ready.wait(), 2.0)
            except TimeoutError:
                watch.break_off()

    async def _remove(self, channel: str, watch: Watch) -> None:
        async with self._changed:
            watches = self._watches.get(channel, set())
            watches.discard(watch)
            if not watches:
                self._watches.pop(channel, None)
                self._ready.pop(channel, None)
                if self._connection is not None and self._connection.is_connected:
                    await self._quietly(self._connection.send_command("UNSUBSCRIBE", channel))

    async def _listen_to(self, channel: str) -> None:
        await self._quietly(self._ask_for(channel))
        if self._url is not None and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._read(), name="live-feed")

    async def _ask_for(self, *channels: str) -> None:
        if self._connection is None and self._url is not None:
            # With the older protocol what is published comes as a plain list.
            knobs: dict[str, Any] = {"protocol": 2, "socket_connect_timeout": 2.0, "socket_timeout": 2.0}
            pool: Any = redis.ConnectionPool.from_url(self._url, **knobs)
            self._connection = pool.make_connection()
        if self._connection is not None:
            if not self._connection.is_connected:
                await cast(Any, self._connection).connect()
                self._replies = Replies()
            await self._connection.send_command("SUBSCRIBE", *channels)

    async def _quietly(self, asked: Coroutine[Any, Any, None]) -> None:
        try:
            await asked
        except (redis.RedisError, OSError):
            self._break_all()

    async def _read(self) -> None:
        """Pass messages on, for as long as anybody watches; a lost connection breaks every watch and comes again."""
        while self._watches and self._connection is not None:
            try:
                await self._hear(self._connection)
            except (redis.RedisError, OSError):
                self._break_all()
                await self._connection.disconnect(nowait=True)
                await asyncio.sleep(RECONNECT_SECONDS)
                await self._come_again()

    async def _hear(self, connection: redis.Connection) -> None:
        """Whatever has come. The stream is read without the client around it, which would cost more than all the rest,
        and after each reading there is a pause: what comes close together is taken in at once."""
        stream: asyncio.StreamReader | None = cast(Any, connection)._reader
        if stream is None:
            raise redis.ConnectionError("the feed is away")
        try:
            async with asyncio.timeout(QUIET_SECONDS):
                data = await stream.read(CHUNK_BYTES)
        except TimeoutError:
            if self._is_asked:
                raise redis.TimeoutError("no answer") from None
            self._is_asked = True
            await connection.send_command("PING", check_health=False)
            return
        if not data:
            raise redis.ConnectionError("the feed has hung up")
        self._is_asked = False
        for reply in self._replies.take(data):
            if isinstance(reply, list) and len(reply) == 3:
                self._pass_on(*reply)
        await asyncio.sleep(PAUSE_SECONDS)

    async def _come_again(self) -> None:
        async with self._changed:
            self._is_asked = False
            if self._watches:
                await self._quietly(self._ask_for(*self._watches))

    def _pass_on(self, kind: bytes, name: bytes, data: Any) -> None:
        channel = name.decode()
        if kind == b"subscribe":
            self._confirm(channel)
        elif kind == b"message":
            body = msgspec.json.decode(data, type=Message)
            for watch in tuple(self._watches.get(channel, ())):
                watch.tell(body)

    def _confirm(self, channel: str) -> None:
        """The first time it begins; after that it stands again, and nobody knows what was published meanwhile."""
        ready = self._ready.get(channel)
        if ready is not None and not ready.is_set():
            ready.set()
            return
        for watch in self._watches.get(channel, ()):
            watch.break_off()

    def _break_all(self) -> None:
        for watches in self._watches.values():
            for watch in watches:
                watch.break_off()


_feeds: WeakKeyDictionary[asyncio.AbstractEventLoop, Feed] = WeakKeyDictionary()


def feed() -> Feed:
    """The feed of the running event loop."""
    loop = asyncio.get_running_loop()
    known = _feeds.get(loop)
    if known is None or known._url != config().redis_url:
        known = _feeds[loop] = Feed(config().redis_url)
    return known
