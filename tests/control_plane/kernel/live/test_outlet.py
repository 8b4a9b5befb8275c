"""Any ASGI server can tell a watcher; a client that does not read gets no pile of messages."""

from __future__ import annotations

import asyncio
from typing import Any

from control_plane.kernel.live.frames import Prepared
from control_plane.kernel.live.send_queue import EXTENSION, PlainOutlet, outlet_of, send_by


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
    outlet = PlainOutlet(server.send)
    await send_by(outlet, Prepared([b"one", b"two"]))
    await send_by(outlet, Prepared([b"three"]))
    await outlet.drained()
    assert server.sent == ["one", "two", "three"]


async def test_a_client_that_does_not_read_is_refused_more() -> None:
    server = Server()
    outlet = PlainOutlet(server.send)
    assert outlet.write(Prepared([b"one"]))
    assert not outlet.write(Prepared([b"two"]))
    server.reads.set()
    await outlet.drained()
    assert outlet.write(Prepared([b"three"]))
    await outlet.drained()
    assert server.sent == ["one", "three"]


async def test_a_client_that_is_gone_is_no_error() -> None:
    async def send(message: Any) -> None:
        raise OSError("gone")

    outlet = PlainOutlet(send)
    assert outlet.write(Prepared([b"one"]))
    await outlet.drained()
    assert outlet.write(Prepared([b"two"]))
    await outlet.drained()


async def test_the_outlet_of_our_own_server_is_taken_where_it_is_offered() -> None:
    server = Server()
    offered = PlainOutlet(server.send)
    scope: Any = {"extensions": {EXTENSION: offered}}
    assert outlet_of(scope, server.send) is offered
    assert isinstance(outlet_of({"extensions": {}}, server.send), PlainOutlet)  # type: ignore[typeddict-item]
