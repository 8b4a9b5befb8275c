"""A body is taken in whole, in time, in memory while we do not know whose it is, and on disk only for those we know."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from control_plane.kernel.admission import bodies as bodies_module
from control_plane.kernel.admission.bodies import Allowance, Bodies, ClientGone, Patience
from control_plane.kernel.admission.unproven import Unproven
from control_plane.kernel.words.errors import TooLarge, TooSlow, Unauthenticated

SMALL = 10
FOR_EVER = Patience(60, 1)
AT_ONCE = Patience(0.01, 1e9)


class Client:
    """Sends its pieces, then nothing more."""

    def __init__(self, *pieces: bytes, length: int | None = None, ends: bool = True) -> None:
        self.pieces = list(pieces)
        self.ends = ends
        self.taken = 0
        head = (b"transfer-encoding", b"chunked") if length is None else (b"content-length", str(length).encode())
        self.scope: Any = {"headers": [head]}

    async def receive(self) -> Any:
        if not self.pieces:
            if self.ends:
                return {"type": "http.disconnect"}
            await asyncio.Event().wait()
        piece = self.pieces.pop(0)
        self.taken += len(piece)
        return {"type": "http.request", "body": piece, "more_body": bool(self.pieces) or not self.ends}


def reader(patience: Patience = FOR_EVER, *, requests: int = 10, size: int = 1000) -> Bodies:
    return Bodies(Unproven(requests=requests, size=size), patience, small=SMALL)


async def nobody() -> Allowance:
    raise Unauthenticated()


async def anybody() -> Allowance:
    return Allowance(100, is_proven=False)


async def somebody() -> Allowance:
    return Allowance(1000)


async def test_a_small_body_needs_nobody_to_vouch_for_it() -> None:
    client = Client(b"one ", b"two")
    with await reader().read(client.scope, client.receive, most=100, vouch=nobody) as body:
        assert body.read() == b"one two"


async def test_a_large_body_of_nobody_is_refused_before_a_byte_is_taken() -> None:
    client = Client(b"x" * 50, length=50)
    with pytest.raises(Unauthenticated):
        await reader().read(client.scope, client.receive, most=100, vouch=nobody)
    assert client.taken == 0


async def test_a_body_without_a_length_is_refused_at_the_first_byte_too_many() -> None:
    client = Client(b"x" * SMALL, b"y", b"z" * 1000)
    with pytest.raises(Unauthenticated):
        await reader().read(client.scope, client.receive, most=10_000, vouch=nobody)
    assert client.taken == SMALL + 1


async def test_a_large_body_of_somebody_arrives_whole() -> None:
    client = Client(b"x" * 50, b"y" * 50)
    with await reader().read(client.scope, client.receive, most=100, vouch=somebody) as body:
        assert body.read() == b"x" * 50 + b"y" * 50


@pytest.mark.parametrize("length", [101, None])
async def test_more_than_the_most_is_refused(length: int | None) -> None:
    client = Client(b"x" * 101, length=length)
    with pytest.raises(TooLarge):
        await reader().read(client.scope, client.receive, most=100, vouch=somebody)


async def test_what_anybody_may_send_is_bounded_and_stays_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    original = bodies_module.SpooledTemporaryFile

    def noted(size: int) -> Any:
        made.append(original(size))
        return made[-1]

    monkeypatch.setattr(bodies_module, "SpooledTemporaryFile", noted)
    client = Client(b"x" * 100)
    with await reader().read(client.scope, client.receive, most=1000, vouch=anybody):
        assert not made[0]._rolled
    with pytest.raises(TooLarge):
        client = Client(b"x" * 101)
        await reader().read(client.scope, client.receive, most=1000, vouch=anybody)


async def test_a_body_that_stops_coming_is_given_up() -> None:
    client = Client(b"x", ends=False)
    with pytest.raises(TooSlow):
        await reader(AT_ONCE).read(client.scope, client.receive, most=100, vouch=nobody)


async def test_bytes_buy_time_at_the_slowest_rate() -> None:
    assert Patience(30, 1024).ends(100, 0) == 130
    assert Patience(30, 1024).ends(100, 10 * 1024) == 140


async def test_a_client_that_leaves_is_no_request() -> None:
    client = Client(length=5)
    with pytest.raises(ClientGone):
        await reader().read(client.scope, client.receive, most=100, vouch=nobody)


async def stalled(bodies: Bodies, *pieces: bytes) -> asyncio.Task[Any]:
    client = Client(*pieces, ends=False)
    task = asyncio.create_task(bodies.read(client.scope, client.receive, most=100, vouch=nobody))
    while client.pieces:
        await asyncio.sleep(0)
    return task


async def test_of_too_many_half_sent_ones_the_oldest_is_given_up() -> None:
    bodies = reader(requests=2)
    oldest, second = await stalled(bodies, b"a"), await stalled(bodies, b"b")
    third = await stalled(bodies, b"c")
    with pytest.raises(TooSlow):
        await asyncio.wait_for(oldest, 5)
    assert not second.done()
    assert not third.done()
    for task in (second, third):
        task.cancel()
    await asyncio.gather(second, third, return_exceptions=True)


async def test_half_sent_ones_hold_so_many_bytes_together() -> None:
    bodies = reader(size=15)
    oldest = await stalled(bodies, b"x" * 8)
    second = await stalled(bodies, b"x" * 8)
    with pytest.raises(TooSlow):
        await asyncio.wait_for(oldest, 5)
    second.cancel()
    await asyncio.gather(second, return_exceptions=True)
