"""The WebSocket half of the web server: what many are told alike goes to each transport without being made again."""

from __future__ import annotations

import asyncio
import logging
from typing import cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from control_plane.http_server import WritePatience
from control_plane.kernel.live.frames import Prepared
from control_plane.kernel.live.sink import EXTENSION

logger = logging.getLogger(__name__)


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Offers its transport to the application, unless messages of this connection are compressed one by one."""

    is_behind = False
    _writing: WritePatience

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._writing = WritePatience(transport, self.loop)

    def connection_lost(self, exc: Exception | None) -> None:
        self._writing.has_caught_up()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        self.is_behind = True
        self._writing.is_behind()
        super().pause_writing()

    def resume_writing(self) -> None:
        self.is_behind = False
        self._writing.has_caught_up()
        super().resume_writing()

    async def run_asgi(self) -> None:
        if not self.conn.extensions:
            extensions = cast(dict[str, object], self.scope["extensions"])
            extensions[EXTENSION] = TransportSink(self)
        await super().run_asgi()


class TransportSink:
    """Writes whole frames. The transport says when its buffer is full, and from then on nothing more is taken."""

    def __init__(self, protocol: WebSocketProtocol) -> None:
        self._protocol = protocol

    def write(self, prepared: Prepared) -> bool:
        protocol = self._protocol
        if protocol.disconnected or protocol.close_sent:
            return True
        if protocol.is_behind:
            return False
        try:
            protocol.transport.write(prepared.frames)
        except RuntimeError:
            logger.debug("closing, and the protocol has not heard of it yet", exc_info=True)
        return True

    async def drained(self) -> None:
        await self._protocol.writable.wait()
