"""The WebSocket half of the web server: what many are told alike goes to each transport without being made again."""

from __future__ import annotations

from typing import cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from control_plane.kernel.live.frames import Prepared
from control_plane.kernel.live.outlet import EXTENSION


class TransportOutlet:
    """Writes whole frames. The transport says when its buffer is full, and from then on nothing more is taken."""

    def __init__(self, protocol: WebSocketsSansIOProtocol) -> None:
        self._protocol = protocol

    def write(self, prepared: Prepared) -> bool:
        protocol = self._protocol
        if protocol.close_sent or protocol.disconnected or protocol.transport.is_closing():
            return True
        if not protocol.writable.is_set():
            return False
        protocol.transport.write(prepared.frames)
        return True

    async def drained(self) -> None:
        await self._protocol.writable.wait()


class WebSocketProtocol(WebSocketsSansIOProtocol):
    """Offers its transport to the application, unless messages of this connection are compressed one by one."""

    async def run_asgi(self) -> None:
        if not self.conn.extensions:
            extensions = cast(dict[str, object], self.scope["extensions"])
            extensions[EXTENSION] = TransportOutlet(self)
        await super().run_asgi()
