"""Where a watcher is told: straight through the transport of our own server, or through any ASGI server's `send`."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol, cast

from asgiref.typing import ASGISendCallable, WebSocketScope

from control_plane.kernel.live.frames import Prepared

logger = logging.getLogger(__name__)

EXTENSION = "orrery.sink"
"""Under this name of the scope's extensions our server offers the sink of a connection."""


class Sink(Protocol):
    """`write` never waits and never piles up: it refuses while the client has not read what it was told before."""

    def write(self, prepared: Prepared) -> bool:
        """False when the client is behind; nothing was written then."""

    async def drained(self) -> None:
        """Until the client has read enough to be told more, or is gone."""


async def send_by(sink: Sink, prepared: Prepared) -> None:
    """Tell a client, however long it takes."""
    while not sink.write(prepared):
        await sink.drained()


class PlainSink:
    """The sink of a server that is not ours: one sending at a time, in a task of its own."""

    def __init__(self, send: ASGISendCallable) -> None:
        self._send = send
        self._sending: asyncio.Task[None] | None = None

    def write(self, prepared: Prepared) -> bool:
        if self._sending is not None and not self._sending.done():
            return False
        self._sending = asyncio.create_task(self._send_all(prepared))
        return True

    async def drained(self) -> None:
        if self._sending is not None:
            await asyncio.wait([self._sending])

    async def _send_all(self, prepared: Prepared) -> None:
        try:
            for text in prepared.texts:
                await self._send({"type": "websocket.send", "bytes": None, "text": text.decode()})
        except (OSError, RuntimeError):
            logger.debug("a watcher is gone", exc_info=True)


def sink_of(scope: WebSocketScope, send: ASGISendCallable) -> Sink:
    extensions: dict[str, Any] = cast(Any, scope).get("extensions") or {}
    return cast(Sink, extensions.get(EXTENSION) or PlainSink(send))
