"""Triggers that listen hold no slot, stop when they are told to, and go back when their worker leaves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis

from control_plane.embedded.valkey import Valkey
from tests.workers.runtime.control_plane import FakeControlPlane, job
from workers.runtime import protocol
from workers.runtime.listeners import Listeners
from workers.runtime.running import claimed_job
from workers.runtime.worker import Worker

Start = Callable[..., Worker]


@pytest.fixture
def client(valkey: Valkey) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(valkey.url) as made:
        yield made


@pytest.fixture
def listener(valkey: Valkey) -> Callable[[str], protocol.Job]:
    document = {"id": "t", "type": "io.kestra.plugin.redis.list.RealtimeTrigger", "url": valkey.url}
    return lambda name: job(name, {**document, "key": name}, kind="listen")


def values(plane: FakeControlPlane, name: str) -> list[Any]:
    return [each["value"] for told in plane.found.get(name, []) for each in told.found]


def test_they_hold_no_slot(plane: FakeControlPlane, start: Start, client: redis.Redis, listener: Any) -> None:
    plane.offer(*(listener(f"list{number}") for number in range(5)))
    start(slots=1)
    plane.until(lambda: len(plane.claimed) == 5)
    plane.offer(job("task"))
    assert plane.end_of("task").state == "SUCCESS"
    for number in range(5):
        client.rpush(f"list{number}", number)
    plane.until(lambda: len(plane.found) == 5)
    assert values(plane, "list3") == ["3"]
    assert [told.first for told in plane.found["list3"]] == [0]


def test_what_it_finds_is_counted(plane: FakeControlPlane, start: Start, client: redis.Redis, listener: Any) -> None:
    plane.offer(listener("list"))
    start()
    for count, value in enumerate(("a", "b", "c"), 1):
        client.rpush("list", value)
        plane.until(lambda count=count: len(values(plane, "list")) == count)  # type: ignore[misc]
    assert [told.first for told in plane.found["list"]] == [0, 1, 2]


def test_one_that_is_to_stop_has_stopped_within_two_seconds(
    plane: FakeControlPlane, start: Start, client: redis.Redis, listener: Any
) -> None:
    plane.offer(listener("list"))
    start()
    plane.until(lambda: any(item.started for item in plane.items))
    asked = time.monotonic()
    plane.order(protocol.Order(order="kill", job_id="list"))
    assert plane.end_of("list").state == "KILLED"
    assert time.monotonic() - asked < 2
    client.rpush("list", "late")
    assert values(plane, "list") == []


def test_one_that_cannot_listen_says_why(plane: FakeControlPlane, start: Start) -> None:
    document = {"id": "t", "type": "io.kestra.plugin.redis.list.RealtimeTrigger", "url": "redis://127.0.0.1:1"}
    plane.offer(job("list", {**document, "key": "k"}, kind="listen"))
    start()
    end = plane.end_of("list")
    assert (end.state, "Redis" in (end.error or "")) == ("FAILED", True)
    assert plane.ends["list"].kind == "listen"


def test_a_worker_that_leaves_hands_them_back_at_once(
    plane: FakeControlPlane, start: Start, valkey: Valkey, listener: Any
) -> None:
    plane.offer(
        listener("list"), job("task", {"id": "s", "type": "io.kestra.plugin.core.flow.Sleep", "duration": "PT3S"})
    )
    worker = start()
    plane.until(lambda: len([item for item in plane.items if item.started]) == 2)
    worker.drain()
    plane.until(lambda: plane.begun == ["list"], 3)
    assert "task" not in plane.ends, "what runs may finish"
    assert plane.end_of("task").state == "SUCCESS"
    assert "list" not in plane.ends


def test_a_further_one_holds_a_slot() -> None:
    lived: list[str] = []
    listeners = Listeners(lambda running: lived.append(running.key), most=0)
    running = claimed_job(job("list", kind="listen"), lambda running: None)
    assert not listeners.take(running)
    assert (running.is_apart, lived, listeners.stop(0.1)) == (False, [], [])
