"""Whoever watches a channel hears everything, or is told that something was missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis

from control_plane.embedded.valkey import Valkey
from control_plane.kernel.live import feed as feeds
from control_plane.kernel.live.feed import MOST_WAITING, Feed, Watch

PATIENCE = 10.0
CHANNEL = "orrery:acme:execution:E"


@pytest.fixture
async def feed(valkey: Valkey) -> AsyncIterator[Feed]:
    feed = Feed(valkey.url)
    yield feed
    await feed.close()


@pytest.fixture
async def client(valkey: Valkey) -> AsyncIterator[redis.Redis]:
    async with redis.Redis.from_url(valkey.url) as client:
        yield client


async def test_what_is_published_reaches_every_watch_of_its_channel(feed: Feed, client: redis.Redis) -> None:
    async with feed.subscribe(CHANNEL) as one, feed.subscribe(CHANNEL) as two, feed.subscribe("other") as stranger:
        await client.publish(CHANNEL, '{"version": 1}')
        for watch in (one, two):
            assert await watch.wait(PATIENCE)
            assert [bytes(message["version"]) for message in watch.take()] == [b"1"]
        assert stranger.take() == []


async def test_a_connection_that_was_lost_is_told_and_comes_again(feed: Feed, client: redis.Redis) -> None:
    async with feed.subscribe(CHANNEL) as watch:
        await client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        assert await watch.wait(PATIENCE)
        assert watch.is_broken
        while watch.is_broken:
            watch.mend()
            await client.publish(CHANNEL, '{"version": 2}')
            assert await watch.wait(PATIENCE)
        assert [bytes(message["version"]) for message in watch.take()] == [b"2"]


async def test_a_quiet_connection_is_asked_and_kept(
    feed: Feed, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "QUIET_SECONDS", 0.02)
    async with feed.subscribe(CHANNEL) as watch:
        assert not await watch.wait(0.2)
        await client.publish(CHANNEL, '{"version": 1}')
        assert await watch.wait(PATIENCE)
        assert not watch.is_broken


class FakeRedis:
    """A server that comes and goes. It confirms subscriptions unless it is `mute`."""

    def __init__(self) -> None:
        self.port = 0
        self.is_mute = False
        self.subscribed = asyncio.Event()
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def come(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def go(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.close()
        self._writers.clear()
        self.subscribed.clear()

    def publish(self, text: bytes) -> None:
        name = CHANNEL.encode()
        for writer in self._writers:
            writer.write(b"*3\r\n$7\r\nmessage\r\n$%d\r\n%b\r\n$%d\r\n%b\r\n" % (len(name), name, len(text), text))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        name = CHANNEL.encode()
        while data := await reader.read(1000):
            writer.write(b"+OK\r\n" * data.count(b"SETINFO"))
            if b"SUBSCRIBE" in data and not self.is_mute:
                writer.write(b"*3\r\n$9\r\nsubscribe\r\n$%d\r\n%b\r\n:1\r\n" % (len(name), name))
                self.subscribed.set()
        writer.close()


async def test_a_connection_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the machine behind it has gone without a word."""
    monkeypatch.setattr(feeds, "QUIET_SECONDS", 0.02)
    server = FakeRedis()
    server.is_mute = True
    await server.come()
    lost = Feed(server.url)
    async with asyncio.timeout(PATIENCE), lost.subscribe(CHANNEL) as watch:
        assert await watch.wait(PATIENCE)
        assert watch.is_broken
        await lost.close()
    await server.go()


async def test_a_server_that_is_away_for_long_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "RECONNECT_SECONDS", 0.01)
    server = FakeRedis()
    await server.come()
    feed = Feed(server.url)
    async with asyncio.timeout(PATIENCE), feed.subscribe(CHANNEL) as watch:
        await server.go()
        for _ in range(3):
            assert await watch.wait(PATIENCE)
            assert watch.is_broken
            watch.mend()
        await server.come()
        await server.subscribed.wait()
        while not (messages := watch.take()):
            server.publish(b'{"version": 1}')
            await watch.wait(0.1)
            if watch.is_broken:
                watch.mend()
        assert bytes(messages[0]["version"]) == b"1"
        await feed.close()
    await server.go()


async def test_a_subscription_that_is_confirmed_again_may_have_missed_something(feed: Feed) -> None:
    async with feed.subscribe(CHANNEL) as watch:
        assert not watch.is_broken
        feed._pass_on(b"subscribe", CHANNEL.encode(), 1)
        assert watch.is_broken


async def test_who_falls_far_behind_keeps_nothing_and_is_told_so() -> None:
    watch = Watch()
    for _ in range(MOST_WAITING + 1):
        watch.tell({})
    assert watch.is_broken
    assert watch.take() == []
    watch.tell({})
    assert watch.take() == []
    watch.mend()
    assert not await watch.wait(0.001)
    watch.tell({})
    assert await watch.wait()


async def test_a_feed_of_nowhere_keeps_nobody_waiting() -> None:
    async with asyncio.timeout(PATIENCE), Feed(None).subscribe(CHANNEL) as watch:
        assert not watch.is_broken
