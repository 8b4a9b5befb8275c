"""Our server hands its transports to whoever tells many the same, and says when a client is behind."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
import websockets

from control_plane.embedded.ports import free_port
from control_plane.kernel.live.frames import Prepared
from control_plane.kernel.live.sink import EXTENSION, Sink
from control_plane.websocket_server import WebSocketProtocol

PATIENCE = 10.0
Told = Callable[[Sink], Awaitable[None]]


@asynccontextmanager
async def served(tell: Told, deflate: bool = False) -> AsyncIterator[tuple[int, asyncio.Queue[Any]]]:
    """The port of a server that accepts, lets `tell` work with the sink, and notes what becomes of it."""
    results: asyncio.Queue[Any] = asyncio.Queue()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        sink = scope["extensions"].get(EXTENSION)
        results.put_nowait(sink if sink is None else await tell(sink))
        while (await receive())["type"] != "websocket.disconnect":
            pass

    port = free_port()
    config = uvicorn.Config(
        app, port=port, ws=WebSocketProtocol, ws_per_message_deflate=deflate, lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    while not server.started:
        await asyncio.sleep(0)
    try:
        yield port, results
    finally:
        server.should_exit = True
        await asyncio.wait_for(task, PATIENCE)


async def test_what_is_written_arrives_as_ordinary_messages() -> None:
    async def tell(sink: Sink) -> None:
        assert sink.write(Prepared([b"one", b"2" * 70_000]))

    async with served(tell) as (port, _), websockets.connect(f"ws://127.0.0.1:{port}/", compression=None) as client:
        assert await asyncio.wait_for(client.recv(), PATIENCE) == "one"
        assert len(await asyncio.wait_for(client.recv(), PATIENCE)) == 70_000


async def test_a_client_that_does_not_read_is_behind_until_it_does() -> None:
    piece = Prepared([b"x" * 60_000])

    async def tell(sink: Sink) -> int:
        written = 0
        while sink.write(piece):
            written += 1
            await asyncio.sleep(0)
        behind.set()
        await sink.drained()
        assert sink.write(Prepared([b"last"]))
        return written

    behind = asyncio.Event()
    async with served(tell) as (port, results):
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.connect(("127.0.0.1", port))
        async with websockets.connect(
            "ws://orrery.test/", sock=plain, compression=None, max_queue=1, ping_interval=None
        ) as client:
            await asyncio.wait_for(behind.wait(), PATIENCE)
            heard = [await asyncio.wait_for(client.recv(), PATIENCE)]
            while heard[-1] != "last":
                heard.append(await asyncio.wait_for(client.recv(), PATIENCE))
            assert len(heard) == await asyncio.wait_for(results.get(), PATIENCE) + 1


async def test_what_is_written_to_a_client_that_left_is_dropped() -> None:
    async def tell(sink: Sink) -> bool:
        await gone.wait()
        return sink.write(Prepared([b"late"]))

    gone = asyncio.Event()
    async with served(tell) as (port, results):
        async with websockets.connect(f"ws://127.0.0.1:{port}/", compression=None) as client:
            await client.close()
        gone.set()
        assert await asyncio.wait_for(results.get(), PATIENCE) is True


async def test_a_connection_with_compressed_messages_has_no_sink() -> None:
    async def tell(sink: Sink) -> None:
        raise AssertionError("frames cannot be shared here")

    async with served(tell, deflate=True) as (port, results), websockets.connect(f"ws://127.0.0.1:{port}/"):
        assert await asyncio.wait_for(results.get(), PATIENCE) is None
