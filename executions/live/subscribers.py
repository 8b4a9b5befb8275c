"""One subscription of a WebSocket: it has its own position, is sent to in passes, and never delays another."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from control_plane.kernel.live.frames import Prepared
from control_plane.kernel.live.sink import Sink, send_by
from executions.live.fan_out import FanOut

Spot = tuple[Any, ...]
"""A subscriber's resource, subscription id, position, and whether the end was sent."""
_UNKNOWN: Any = object()


@dataclass(frozen=True, slots=True)
class Batch:
    """What takes every subscriber at one position to the next."""

    spot: Spot
    prepared: Prepared | None


class Member(ABC):
    """`follow` runs in a task while the subscription lasts, and sleeps between changes."""

    fan_out: FanOut

    def __init__(self, sink: Sink, subscription: str, what: Hashable = None, place: int = 0) -> None:
        self.sink = sink
        self.id = json.dumps(subscription).encode()
        self._is_live = False
        self._wanted = asyncio.Event()
        self.stand(what, place)

    def stand(self, what: Hashable, place: int, is_over: bool = False) -> None:
        self.spot = (type(self), what, self.id, place, is_over)

    @property
    def what(self) -> Any:
        return self.spot[1]

    @property
    def place(self) -> int:
        place: int = self.spot[3]
        return place

    @property
    def is_over(self) -> bool:
        is_over: bool = self.spot[4]
        return is_over

    def batch(self, place: int, is_over: bool, texts: Sequence[bytes] = ()) -> Batch:
        return Batch((*self.spot[:3], place, is_over), Prepared(texts) if texts else None)

    @abstractmethod
    async def follow(self) -> None:
        """Send the present state, then changes; ends when cancelled or on an internal error."""

    @abstractmethod
    async def restate(self) -> None:
        """Send the present state and take the position from which changes continue it."""

    @abstractmethod
    def changes(self) -> Batch | None:
        """The changes after this position; None when there is a gap and the state must be read again."""

    def catch_up(self) -> None:
        """Called for each subscriber in each pass: equal positions share one prepared batch."""
        if not self._is_live:
            return
        told = self.fan_out.told
        batch = told.get(self.spot, _UNKNOWN)
        if batch is _UNKNOWN:
            batch = told[self.spot] = self.changes()
        if batch is None:
            self._fall_behind()
        elif batch.prepared is None or self.sink.write(batch.prepared):
            self.spot = batch.spot
        else:
            self._fall_behind()

    async def stay(self) -> None:
        """The present state first, and again whenever changes do not continue it; a slow client is waited for here."""
        await self.restate()
        while True:
            self._is_live = True
            self._wanted.clear()
            self.catch_up()
            await self._wanted.wait()
            await self.sink.drained()
            if self.changes() is None:
                await self.restate()

    def leave(self) -> None:
        """Send nothing from now on, whatever its task still does."""
        self._is_live = False

    def _fall_behind(self) -> None:
        self._is_live = False
        self._wanted.set()

    async def tell(self, *texts: bytes) -> None:
        await send_by(self.sink, Prepared(texts))

    def message(self, kind: bytes, place: int, data: bytes) -> bytes:
        return b'{"type":"%b","id":%b,"cursor":%d,"data":%b}' % (kind, self.id, place, data)

    def end(self) -> bytes:
        return b'{"type":"end","id":%b}' % self.id
