"""The HTTP half of the web server: heads that come in time and are of a size, and clients that take their answers."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from control_plane.kernel.asgi_routes import HELD_BACK
from control_plane.kernel.config import config

TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"


class WritePatience:
    """Cuts a client off that takes nothing for too long: what it was to read would stay in memory."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._ends: asyncio.TimerHandle | None = None

    def is_behind(self) -> None:
        if self._ends is None:
            self._ends = self._loop.call_later(config().admission.answer_seconds, self._transport.abort)

    def has_caught_up(self) -> None:
        if self._ends is not None:
            self._ends.cancel()
            self._ends = None


class HttpProtocol(HttpToolsProtocol):
    """Waits for a whole head no longer than `head_seconds`; of those that wait, too many cost the oldest its place."""

    _waiting: ClassVar[dict[HttpProtocol, None]] = {}
    """Connections whose head is not whole, oldest first."""
    _head_ends: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _is_large = False
    _writing: WritePatience

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._writing = WritePatience(transport, self.loop)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self._writing.has_caught_up()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._head_ends is not None:
            self._head_bytes += len(data)
            if self._head_bytes > config().admission.head_bytes:
                self._refuse(TOO_LARGE)
        elif self._is_idle():
            # Line ends between two requests begin nothing, and end the wait for the next one.
            self._wait_for_head()

    def _is_idle(self) -> bool:
        return (
            self.cycle is not None
            and self.cycle.response_complete
            and self.timeout_keep_alive_task is None
            and not self.transport.is_closing()
        )

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait_for_head()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        self.app = head_too_large if size > config().admission.head_bytes else self.config.loaded_app
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        self._stop_waiting()
        super().handle_websocket_upgrade()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._writing.is_behind()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._writing.has_caught_up()

    def shutdown(self) -> None:
        """An answer that is held back would be waited for, and then cut off with an error."""
        is_held_back = (
            self.cycle is not None and not self.cycle.response_complete and HELD_BACK in self.cycle.scope["state"]
        )
        if is_held_back:
            self.transport.close()
        else:
            super().shutdown()

    def _wait_for_head(self) -> None:
        if self._head_ends is not None:
            return
        self._head_bytes = 0
        self._head_ends = self.loop.call_later(config().admission.head_seconds, self._is_too_slow)
        self._waiting[self] = None
        if len(self._waiting) > config().admission.half_sent:
            next(iter(self._waiting))._is_too_slow()

    def _stop_waiting(self) -> None:
        if self._head_ends is not None:
            self._head_ends.cancel()
            self._head_ends = None
            self._waiting.pop(self, None)

    def _is_too_slow(self) -> None:
        """Who has sent nothing hears nothing."""
        if self._head_bytes:
            self._refuse(TOO_SLOW)
        else:
            self._stop_waiting()
            self.transport.abort()

    def _refuse(self, answer: bytes) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()


async def head_too_large(scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    headers: Any = [(b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 431, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
