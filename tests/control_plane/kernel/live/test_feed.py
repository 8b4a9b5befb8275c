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


async def test_a_connection_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the machine behind it has gone without a word."""

    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            writer.write(b"+OK\r\n" * data.count(b"SETINFO"))
        writer.close()

    monkeypatch.setattr(feeds, "QUIET_SECONDS", 0.02)
    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    lost = Feed(f"redis://127.0.0.1:{port}/0")
    async with asyncio.timeout(PATIENCE), server, lost.subscribe(CHANNEL) as watch:
        assert await watch.wait(PATIENCE)
        assert watch.is_broken
        await lost.close()


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
