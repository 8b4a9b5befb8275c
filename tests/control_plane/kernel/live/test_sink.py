"""Any ASGI server can tell a watcher; a client that does not read gets no pile of messages."""

from __future__ import annotations

import asyncio
from typing import Any

from control_plane.kernel.live.frames import Prepared
from control_plane.kernel.live.sink import EXTENSION, PlainSink, send_by, sink_of


class Server:
    """One whose client reads when it is let."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.reads = asyncio.Event()

    async def send(self, message: Any) -> None:
        await self.reads.wait()
        self.sent.append(message["text"])


async def test_a_client_that_reads_is_told_everything_in_order() -> None:
    server = Server()
    server.reads.set()
    sink = PlainSink(server.send)
    await send_by(sink, Prepared([b"one", b"two"]))
    await send_by(sink, Prepared([b"three"]))
    await sink.drained()
    assert server.sent == ["one", "two", "three"]


async def test_a_client_that_does_not_read_is_refused_more() -> None:
    server = Server()
    sink = PlainSink(server.send)
    assert sink.write(Prepared([b"one"]))
    assert not sink.write(Prepared([b"two"]))
    server.reads.set()
    await sink.drained()
    assert sink.write(Prepared([b"three"]))
    await sink.drained()
    assert server.sent == ["one", "three"]


async def test_a_client_that_is_gone_is_no_error() -> None:
    async def send(message: Any) -> None:
        raise OSError("gone")

    sink = PlainSink(send)
    assert sink.write(Prepared([b"one"]))
    await sink.drained()
    assert sink.write(Prepared([b"two"]))
    await sink.drained()


async def test_the_sink_of_our_own_server_is_taken_where_it_is_offered() -> None:
    server = Server()
    offered = PlainSink(server.send)
    scope: Any = {"extensions": {EXTENSION: offered}}
    assert sink_of(scope, server.send) is offered
    assert isinstance(sink_of({"extensions": {}}, server.send), PlainSink)  # type: ignore[typeddict-item]
