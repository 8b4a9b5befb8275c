"""What all watchers of one channel share in this process: one feed subscription, its journal, and one pass."""

from __future__ import annotations

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from control_plane.kernel.live.broadcast import Broadcast
from control_plane.kernel.live.feed import Message, Watch, feed
from control_plane.kernel.threads import in_thread

logger = logging.getLogger(__name__)

T = TypeVar("T")


class FanOut(ABC):
    """Exists while anybody watches; its memory is bounded however many watch."""

    def __init__(self, channel: str, before_walk: Callable[[], None] | None = None) -> None:
        self.channel = channel
        self.loop = asyncio.get_running_loop()
        self.broadcast = Broadcast(self.loop, before_walk)
        self.users = 0
        self.times_torn = 0
        self.told: dict[Any, Any] = {}
        self._reads: dict[Any, asyncio.Task[Any]] = {}
        self._ready = asyncio.Event()
        self._task = asyncio.create_task(self._listen(), name="live-stage")

    @abstractmethod
    def hear(self, message: Message) -> None:
        """Take in one message of the feed."""

    def tear(self) -> None:
        """Messages were missed: what was read before does not count, and every watcher reads the state again."""
        self.times_torn += 1
        self._reads.clear()
        self.ring()

    async def ready(self) -> None:
        """After this, every published message arrives, or the fan-out notices that one was lost."""
        await self._ready.wait()

    def once(self, key: Any, make: Callable[[], T]) -> T:
        """Compute once and share with every watcher, until something changes."""
        if key not in self.told:
            self.told[key] = make()
        made: T = self.told[key]
        return made

    async def read(self, function: Callable[..., T], *args: Any) -> T:
        """Share one database read between all who ask for the same at the same time."""
        key = (function, args)
        task = self._reads.get(key)
        if task is None:
            task = self._reads[key] = asyncio.create_task(in_thread(function, *args))
            task.add_done_callback(lambda done: self._forget_read(key, done))
        result: T = await asyncio.shield(task)
        return result

    def ring(self) -> None:
        self.told.clear()
        self.broadcast.ring()

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    def _forget_read(self, key: Any, task: asyncio.Task[Any]) -> None:
        if self._reads.get(key) is task:
            del self._reads[key]
        if not task.cancelled():
            task.exception()

    async def _listen(self) -> None:
        try:
            async with feed().subscribe(self.channel) as watch:
                self._ready.set()
                while await watch.wait():
                    self._take(watch)
        except Exception:
            logger.exception("a stage has lost its feed")
        finally:
            self._ready.set()

    def _take(self, watch: Watch) -> None:
        if watch.is_broken:
            watch.mend()
            self.tear()
        for message in watch.take():
            self._hear(message)

    def _hear(self, message: Message) -> None:
        try:
            self.hear(message)
        except Exception:
            logger.exception("a message of the feed could not be read")
            self.tear()


S = TypeVar("S", bound=FanOut)

_fan_outs: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, FanOut]] = WeakKeyDictionary()


@asynccontextmanager
async def on_fan_out(channel: str, make: Callable[[], S]) -> AsyncIterator[S]:
    """The fan-out of a channel on the running event loop, kept while any block is inside."""
    fan_outs = _fan_outs.setdefault(asyncio.get_running_loop(), {})
    fan_out: Any = fan_outs.get(channel)
    if fan_out is None:
        fan_out = fan_outs[channel] = make()
    fan_out.users += 1
    try:
        await fan_out.ready()
        yield fan_out
    finally:
        fan_out.users -= 1
        if fan_out.users == 0:
            del fan_outs[channel]
            await asyncio.shield(fan_out.close())
