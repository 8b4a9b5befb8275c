"""Heads that come too slowly or are too large, clients that read nothing, and requests that could be taken for two."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from control_plane import asgi
from control_plane.embedded.ports import free_port
from control_plane.http_server import HttpProtocol
from control_plane.kernel.asgi_routes import HELD_BACK, until_gone
from control_plane.kernel.config import override

# A pooled thread may hold a connection of an earlier test, which it looks after.
pytestmark = pytest.mark.django_db
PATIENCE = 10.0
HOLDING: list[Any] = []


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body = scope["body"].read()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def pour(scope: Any, receive: Any, send: Any) -> None:
    """An answer larger than anything keeps for a client that does not read."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(1000):
        await send({"type": "http.response.body", "body": b"x" * 60_000, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def hold(scope: Any, receive: Any, send: Any) -> None:
    """An answer that waits for something that never happens."""
    HOLDING.append(scope)
    await until_gone(scope, receive, asyncio.Event().wait())


async def answer(scope: Any, receive: Any, send: Any) -> None:
    await {"/pour": pour, "/hold": hold}.get(scope["path"], echo)(scope, receive, send)


@asynccontextmanager
async def served(*, is_forced: bool = True, **admission: Any) -> AsyncIterator[int]:
    """The port of a server, which does not wait for anybody at its end unless it is not forced."""
    with override(admission=admission):
        port = free_port()
        application: Any = asgi.Application([], None, answer)  # type: ignore[arg-type]  # no WebSocket is opened
        config = uvicorn.Config(
            application, port=port, http=HttpProtocol, lifespan="off", log_config=None, timeout_graceful_shutdown=60
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server._serve())
        while not server.started:
            await asyncio.sleep(0)
        try:
            yield port
        finally:
            server.should_exit, server.force_exit = True, is_forced
            await asyncio.wait_for(task, PATIENCE)


async def sent(port: int, *pieces: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    return reader, writer


async def told(port: int, *pieces: bytes) -> bytes:
    """All that the server says until it closes."""
    reader, writer = await sent(port, *pieces)
    try:
        return await asyncio.wait_for(reader.read(), PATIENCE)
    finally:
        writer.close()


async def test_a_head_that_does_not_come_whole_is_given_up() -> None:
    async with served(head_seconds=0.05) as port:
        assert (await told(port, b"GET / HTTP/1.1\r\nhost: x\r\n")).startswith(b"HTTP/1.1 408 ")


async def test_a_connection_that_says_nothing_is_closed_without_a_word() -> None:
    async with served(head_seconds=0.05) as port:
        assert await told(port) == b""


async def test_line_ends_between_two_requests_buy_no_time() -> None:
    request = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
    async with served(head_seconds=0.05) as port:
        reader, writer = await sent(port, request)
        assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)).startswith(b"HTTP/1.1 200 ")
        writer.write(b"\r\n")
        assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
        writer.close()


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"], ids=["unfinished", "whole"])
async def test_a_head_of_a_megabyte_is_refused(end: bytes) -> None:
    async with served(head_bytes=4096) as port:
        head = b"GET / HTTP/1.1\r\nhost: x\r\n" + b"".join(b"x-%d: %s\r\n" % (n, b"y" * 90) for n in range(60)) + end
        assert (await told(port, head)).startswith(b"HTTP/1.1 431 ")


async def test_of_too_many_half_sent_heads_the_oldest_makes_room() -> None:
    async with served(half_sent=2) as port:
        oldest = await sent(port, b"GET / HTTP/1.1\r\n")
        while not any(connection._head_bytes for connection in HttpProtocol._waiting):
            await asyncio.sleep(0)
        others = [await sent(port, b"GET / HTTP/1.1\r\n") for _ in range(2)]
        assert (await asyncio.wait_for(oldest[0].read(), PATIENCE)).startswith(b"HTTP/1.1 408 ")
        oldest[1].close()
        for _, writer in others:
            writer.write(b"host: x\r\nconnection: close\r\n\r\n")
        for reader, writer in others:
            assert (await asyncio.wait_for(reader.read(), PATIENCE)).startswith(b"HTTP/1.1 200 ")
            writer.close()


async def test_a_client_that_reads_nothing_is_cut_off() -> None:
    async with served(answer_seconds=0.1) as port:
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(plain, ("127.0.0.1", port))
        await loop.sock_sendall(plain, b"GET /pour HTTP/1.1\r\nhost: x\r\n\r\n")
        assert not (await asyncio.wait_for(_drained_late(plain), PATIENCE)).endswith(b"0\r\n\r\n")
        plain.close()


async def _drained_late(plain: socket.socket) -> bytes:
    """What there is to take once the server has lost its patience."""
    loop = asyncio.get_running_loop()
    waited = asyncio.Event()
    loop.call_later(0.5, waited.set)
    await waited.wait()
    taken = b""
    try:
        while piece := await loop.sock_recv(plain, 65536):
            taken = taken[-100:] + piece
    except ConnectionResetError:
        pass
    return taken


async def test_a_body_that_stops_coming_is_refused_while_others_are_served() -> None:
    async with served(body_seconds=0.2) as port:
        reader, writer = await sent(port, b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf")
        other = await told(port, b"POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok")
        assert other.endswith(b"\r\n\r\nok")
        assert (await asyncio.wait_for(reader.read(), PATIENCE)).startswith(b"HTTP/1.1 408 ")
        writer.close()


async def test_a_large_body_of_nobody_is_refused_before_it_is_sent() -> None:
    head = b"POST /api/v1/acme/flows HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 150000000\r\n\r\n"
    async with served() as port:
        answered = await told(port, head)
        assert answered.startswith(b"HTTP/1.1 413 ")
        answered = await told(port, head.replace(b"150000000", b"150000"))
        assert answered.startswith(b"HTTP/1.1 401 ")
        assert b'"requestId":"' in answered


async def test_a_client_that_sends_on_reads_the_refusal() -> None:
    head = b"POST /api/v1/acme/flows HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 1000000\r\n\r\n"
    async with served() as port:
        assert (await told(port, head, *[b"x" * 100_000] * 10)).startswith(b"HTTP/1.1 401 ")


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nhost: x\r\n\r\n"


@pytest.mark.parametrize(
    "head",
    [
        b"content-length: 5\r\ntransfer-encoding: chunked\r\n",
        b"content-length: 5\r\ncontent-length: 6\r\n",
        b"content-length: +5\r\n",
        b"content-length: 5, 5\r\n",
        b"transfer-encoding: chunked, identity\r\n",
        b"transfer-encoding:\x0bchunked\r\n",
        b"content-length : 5\r\n",
        b"x: a\nb: c\r\n",
        b" folded: yes\r\n",
        b"x: a\x00b\r\n",
    ],
)
async def test_a_request_that_could_be_taken_for_two_is_refused(head: bytes) -> None:
    async with served(head_seconds=0.2, body_seconds=0.2) as port:
        answers = await told(port, b"POST / HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n0\r\n\r\n" + SMUGGLED)
    assert answers.count(b"HTTP/1.1 ") == 1
    assert answers.startswith(b"HTTP/1.1 400 ")


@pytest.fixture
def holding() -> Iterator[list[Any]]:
    """The scopes of the requests whose answer is held back."""
    yield HOLDING
    HOLDING.clear()


async def asked_to_hold(port: int, holding: list[Any]) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await sent(port, b"GET /hold HTTP/1.1\r\nhost: x\r\n\r\n")
    while not (holding and HELD_BACK in holding[0]["state"]):
        await asyncio.sleep(0)
    return reader, writer


async def test_a_server_that_stops_waits_for_no_answer_that_is_held_back(
    holding: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with served(is_forced=False) as port:
        reader, writer = await asked_to_hold(port, holding)
    assert await asyncio.wait_for(reader.read(), PATIENCE) == b""
    writer.close()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_who_leaves_while_an_answer_is_held_back_ends_its_work(
    holding: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    async with served(is_forced=False) as port:
        _, writer = await asked_to_hold(port, holding)
        writer.close()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
