"""One subscription of a WebSocket: at a place of its own, told at the pace of its stage, never waited for."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass

from control_plane.kernel.live.frames import Prepared
from control_plane.kernel.live.outlet import Outlet, send_by


@dataclass(frozen=True, slots=True)
class Batch:
    """What brings a member to `place`. Members with the same id at the same place share one."""

    place: int
    prepared: Prepared | None
    is_over: bool = False


class Member(ABC):
    """`follow` runs in a task for as long as somebody is subscribed. Between news nothing of it is awake."""

    def __init__(self, outlet: Outlet, subscription: str) -> None:
        self.outlet = outlet
        self.id = json.dumps(subscription).encode()
        self.place = 0
        self.is_over = False
        self._is_live = False
        self._wanted = asyncio.Event()

    @abstractmethod
    async def follow(self) -> None:
        """Tell everything from the present state on; ends by being cancelled or by an error of ours."""

    @abstractmethod
    async def restate(self) -> None:
        """Tell the present state, and what it takes to be where the news continue."""

    @abstractmethod
    def news(self) -> Batch | None:
        """What there is to tell; None when the news do not continue what was told."""

    def catch_up(self) -> None:
        if not self._is_live:
            return
        batch = self.news()
        if batch is None or (batch.prepared is not None and not self.outlet.write(batch.prepared)):
            self._fall_behind()
        else:
            self.place, self.is_over = batch.place, batch.is_over

    async def stay(self) -> None:
        """The present state first, and again whenever news do not continue it; a slow client is waited for here."""
        await self.restate()
        while True:
            self._is_live = True
            self._wanted.clear()
            self.catch_up()
            await self._wanted.wait()
            await self.outlet.drained()
            if self.news() is None:
                await self.restate()

    def leave(self) -> None:
        """From now on it is told nothing, whatever its task still does."""
        self._is_live = False

    def _fall_behind(self) -> None:
        self._is_live = False
        self._wanted.set()

    async def tell(self, *texts: bytes) -> None:
        await send_by(self.outlet, Prepared(texts))

    def message(self, kind: bytes, place: int, data: bytes) -> bytes:
        return b'{"type":"%b","id":%b,"cursor":%d,"data":%b}' % (kind, self.id, place, data)

    def end(self) -> bytes:
        return b'{"type":"end","id":%b}' % self.id
