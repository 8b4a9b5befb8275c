"""Who may wait for a thread, and how many threads one caller may hold at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from control_plane.kernel.words.errors import TooManyRequests, Unavailable


class _Caller:
    """The requests of one account, or of an address whose account is not known yet."""

    __slots__ = ("requests", "running", "waiting")

    def __init__(self) -> None:
        self.requests = 0
        self.running = 0
        self.waiting: deque[asyncio.Future[None]] = deque()


class Places:
    """A request has a place while it needs a thread; half-sent ones and slow readers have none.

    A caller who asks for more at once than `at_once` waits in a queue of their own, so that the threads beyond are
    there for everybody else. One event loop uses it, so nothing is locked.
    """

    def __init__(self, *, waiting: int, per_caller: int, at_once: int) -> None:
        self._waiting = waiting
        self._per_caller = per_caller
        self._at_once = at_once
        self._taken = 0
        self._callers: dict[str, _Caller] = {}

    @asynccontextmanager
    async def place(self, name: str) -> AsyncIterator[None]:
        """TooManyRequests when this caller has more in hand than one may, Unavailable when all have together."""
        caller = self._enter(name)
        try:
            await self._turn(caller)
            try:
                yield
            finally:
                _next(caller)
        finally:
            self._leave(name, caller)

    def _enter(self, name: str) -> _Caller:
        caller = self._callers.get(name)
        if caller is not None and caller.requests >= self._per_caller:
            raise TooManyRequests("too many requests at once; let some end first", retry_after=1)
        if self._taken >= self._waiting:
            raise Unavailable("too many requests are waiting")
        if caller is None:
            caller = self._callers[name] = _Caller()
        caller.requests += 1
        self._taken += 1
        return caller

    def _leave(self, name: str, caller: _Caller) -> None:
        caller.requests -= 1
        self._taken -= 1
        if caller.requests == 0:
            del self._callers[name]

    async def _turn(self, caller: _Caller) -> None:
        if caller.running < self._at_once:
            caller.running += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        caller.waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                _next(caller)
            raise


def _next(caller: _Caller) -> None:
    """Hand the thread over to the caller's next request that still waits."""
    while caller.waiting:
        turn = caller.waiting.popleft()
        if not turn.done():
            turn.set_result(None)
            return
    caller.running -= 1
