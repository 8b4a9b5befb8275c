"""What waits on the event loop looks again when it was told something, and not before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from control_plane.kernel.live.feed import Watch
from workers.queue.leases import Member
from workers.queue.orders import group_channel, worker_channel
from workers.runtime import protocol
from workers.worker_api import long_poll

MEMBER = Member("worker-1", "default")


class FakeFeed:
    """Watches by channel; `publish` reaches those that are open."""

    def __init__(self) -> None:
        self.watches: dict[str, list[Watch]] = {}

    @asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[Watch]:
        watch = Watch()
        self.watches.setdefault(channel, []).append(watch)
        yield watch

    def publish(self, channel: str, body: dict[str, Any]) -> None:
        for watch in self.watches.get(channel, []):
            watch.tell(msgspec.json.decode(msgspec.json.encode(body), type=dict[str, msgspec.Raw]))

    async def watched(self, channel: str) -> None:
        while channel not in self.watches:
            await asyncio.sleep(0)


class Queue:
    """Counts how often it was looked into."""

    def __init__(self) -> None:
        self.looks = 0
        self.jobs: list[protocol.Job] = []

    def claim(self, token: str, asked: protocol.Claim) -> tuple[Member, list[protocol.Job]]:
        self.looks += 1
        taken, self.jobs = self.jobs, []
        return MEMBER, taken


@pytest.fixture
def feed(monkeypatch) -> FakeFeed:
    fake = FakeFeed()
    monkeypatch.setattr(long_poll, "feed", lambda: fake)

    async def at_once(work: Any, *arguments: Any) -> Any:
        await asyncio.sleep(0)
        return work(*arguments)

    monkeypatch.setattr(long_poll, "in_thread", at_once)
    return fake


@pytest.fixture
def queue(monkeypatch) -> Queue:
    made = Queue()
    monkeypatch.setattr(long_poll, "_claim_now", made.claim)
    return made


def claim(seconds: float) -> asyncio.Task[protocol.Claimed]:
    body = msgspec.json.encode(protocol.Claim(request_id="r", worker_id="worker-1", wait=seconds))
    return asyncio.create_task(long_poll._claim({}, "token", body))


async def test_a_claim_is_held_open_until_a_job_is_ordered(feed, queue):
    asked = claim(10.0)
    await feed.watched(group_channel("default"))
    queue.jobs.append(protocol.Job(id="one", tenant="acme"))
    feed.publish(group_channel("default"), {})
    assert [job.id for job in (await asyncio.wait_for(asked, 5)).jobs] == ["one"]


async def test_a_claim_that_comes_too_late_for_a_job_looks_once_for_each_time_it_is_told(feed, queue):
    asked = claim(0.3)
    await feed.watched(group_channel("default"))
    feed.publish(group_channel("default"), {})
    assert (await asyncio.wait_for(asked, 5)).jobs == []
    assert queue.looks <= 4


async def test_a_broken_feed_makes_a_held_claim_look_once(feed, queue):
    asked = claim(0.3)
    await feed.watched(group_channel("default"))
    for watch in feed.watches[group_channel("default")]:
        watch.break_off()
    assert (await asyncio.wait_for(asked, 5)).jobs == []
    assert queue.looks <= 4


async def test_an_order_for_a_job_whose_row_is_gone_is_told(feed, monkeypatch):
    monkeypatch.setattr(long_poll.fleet, "member_of", lambda token, worker_id: MEMBER)
    monkeypatch.setattr(long_poll.fleet, "orders_for", lambda member, cursor: protocol.Orders(cursor="7"))
    asked = asyncio.create_task(long_poll._orders({"query_string": b"workerId=worker-1"}, "token", b""))
    await feed.watched(worker_channel("worker-1"))
    feed.publish(worker_channel("worker-1"), {"order": "kill", "jobId": "acme.e.j"})
    told = await asyncio.wait_for(asked, 5)
    assert [(order.order, order.job_id) for order in told.orders] == [("kill", "acme.e.j")]
    assert told.cursor == "7"


async def test_an_order_that_the_queue_knows_too_is_told_once(feed, monkeypatch):
    known: list[protocol.Order] = []
    monkeypatch.setattr(long_poll.fleet, "member_of", lambda token, worker_id: MEMBER)
    monkeypatch.setattr(long_poll.fleet, "orders_for", lambda member, cursor: protocol.Orders(orders=list(known)))
    asked = asyncio.create_task(long_poll._orders({"query_string": b"workerId=worker-1"}, "token", b""))
    await feed.watched(worker_channel("worker-1"))
    known.append(protocol.Order(order="kill", job_id="acme.e.j"))
    feed.publish(worker_channel("worker-1"), {"order": "kill", "jobId": "acme.e.j"})
    assert len((await asyncio.wait_for(asked, 5)).orders) == 1
