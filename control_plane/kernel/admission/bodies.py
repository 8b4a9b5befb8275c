"""A request's body, taken in before the request counts: with patience that ends, and not from just anybody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from asgiref.typing import ASGIReceiveCallable, HTTPScope

from control_plane.kernel.admission.unproven import Held, Unproven
from control_plane.kernel.words.errors import TooLarge, TooSlow

MEMORY_BYTES = 256 * 1024
"""A body goes to disk beyond this."""


class ClientGone(Exception):
    """The client went away while it was still sending."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What somebody may send: so many bytes, and whether we know who it is."""

    most: int
    is_proven: bool = True


Vouch = Callable[[], Awaitable[Allowance]]


@dataclass(frozen=True, slots=True)
class Patience:
    """A body may take `seconds`, and as much longer as its bytes take at the slowest rate that we put up with."""

    seconds: float
    bytes_per_second: float

    def ends(self, since: float, size: int) -> float:
        return since + self.seconds + size / self.bytes_per_second


class Bodies:
    """Reads bodies on the event loop. No thread and no place is held meanwhile."""

    def __init__(self, unproven: Unproven, patience: Patience, *, small: int) -> None:
        self._unproven = unproven
        self._patience = patience
        self._small = small

    async def read(self, scope: HTTPScope, receive: ASGIReceiveCallable, *, most: int, vouch: Vouch) -> IO[bytes]:
        """The whole body, at its beginning. Raises TooLarge, TooSlow, ClientGone, and what `vouch` raises.

        A small body is kept in memory, whoever sends it. Before more is taken in, `vouch` says who is there.
        """
        length = declared_length(scope)
        if length == 0:
            return BytesIO()
        # Closed by whoever is given it.
        body = cast(IO[bytes], SpooledTemporaryFile(MEMORY_BYTES))  # noqa: SIM115
        try:
            await self._take(_Incoming(receive, body, self._patience), length, most, vouch)
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return body

    async def _take(self, incoming: _Incoming, length: int | None, most: int, vouch: Vouch) -> None:
        _check(length or 0, most)
        small = min(self._small, most)
        if length is None or length <= small:
            await incoming.take(small, self._unproven)
        if incoming.is_whole and incoming.size <= small:
            return
        allowed = await vouch()
        most = min(most, allowed.most)
        _check(max(length or 0, incoming.size), most)
        await incoming.take(most, None if allowed.is_proven else self._unproven)
        _check(incoming.size, most)


class _Incoming:
    """One body on its way."""

    def __init__(self, receive: ASGIReceiveCallable, body: IO[bytes], patience: Patience) -> None:
        self.size = 0
        self.is_whole = False
        self._receive = receive
        self._body = body
        self._patience = patience
        self._since = asyncio.get_running_loop().time()

    async def take(self, most: int, unproven: Unproven | None) -> None:
        """Take pieces in until it is whole, or is more than `most`."""
        try:
            async with asyncio.timeout_at(self._patience.ends(self._since, self.size)) as time:
                with unproven.holding(time) if unproven else nullcontext() as held:
                    while not self.is_whole and self.size <= most:
                        size = await self._piece()
                        if unproven is not None and held is not None:
                            unproven.grow(held, size)
                        self._extend(time, held)
        except TimeoutError:
            raise TooSlow() from None

    async def _piece(self) -> int:
        message = await self._receive()
        if message["type"] != "http.request":
            raise ClientGone
        piece = message["body"]
        self.size += len(piece)
        self.is_whole = not message["more_body"]
        self._body.write(piece)
        return len(piece)

    def _extend(self, time: asyncio.Timeout, held: Held | None) -> None:
        if not self.is_whole and not (held is not None and held.is_dropped):
            time.reschedule(self._patience.ends(self._since, self.size))


def _check(size: int, most: int) -> None:
    if size > most:
        raise TooLarge(f"a body of at most {most} bytes is accepted")


def declared_length(scope: HTTPScope) -> int | None:
    """What the head says of the body: 0 for none, None for one that comes in pieces without a length."""
    length = 0
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length" and value.isdigit():
            length = int(value)
    return length
