"""Whoever watches a channel hears everything, or is told that something was missed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis

from control_plane.embedded.valkey import Valkey
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


async def test_a_subscription_that_is_confirmed_again_may_have_missed_something(feed: Feed) -> None:
    async with feed.subscribe(CHANNEL) as watch:
        assert not watch.is_broken
        feed._pass_on({"type": "subscribe", "channel": CHANNEL.encode(), "data": 1})
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
