"""A fan-out without a database and without a broker: the test tells what happens, and what is read."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from control_plane.kernel.actor import Actor, Context
from control_plane.kernel.live.feed import Message, Watch
from control_plane.kernel.live.frames import Prepared
from executions.live import execution_fan_out, execution_subscribers, fan_out, following, list_fan_out
from executions.live.reading import AT_ONCE, Lines, Place, Shown, State
from executions.live.subscribers import Member
from tests.cast import ACME

PATIENCE = 10.0
OLGA = Context(Actor(kind="USER"), ACME)


class FakeSink:
    """A client that reads at once, or not at all for a while."""

    def __init__(self) -> None:
        self.written: list[Prepared] = []
        self._heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._reads = asyncio.Event()
        self._reads.set()

    def write(self, prepared: Prepared) -> bool:
        if not self._reads.is_set():
            return False
        self.written.append(prepared)
        for text in prepared.texts:
            self._heard.put_nowait(json.loads(text))
        return True

    async def drained(self) -> None:
        await self._reads.wait()

    def stop_reading(self) -> None:
        self._reads.clear()

    def read_on(self) -> None:
        self._reads.set()

    async def next(self) -> dict[str, Any]:
        return await asyncio.wait_for(self._heard.get(), PATIENCE)

    async def until(self, kind: str) -> list[dict[str, Any]]:
        found = [await self.next()]
        while found[-1]["type"] != kind:
            found.append(await self.next())
        return found

    @property
    def is_silent(self) -> bool:
        return self._heard.empty()


class Audience:
    """One execution. `happen` changes what the database holds; `tell` is what the feed says of it, or does not."""

    def __init__(self) -> None:
        self.version = 1
        self.lines: list[dict[str, Any]] = []
        self.is_done = False
        self.reads = 0
        self.watches: list[Watch] = []
        self._tasks: list[asyncio.Task[None]] = []

    def happen(self, *messages: str, is_done: bool = False, is_change: bool = True) -> Message:
        self.is_done = is_done
        first = len(self.lines) + 1
        self.lines += [{"seq": first + n, "level": "INFO", "message": each} for n, each in enumerate(messages)]
        told: dict[str, Any] = {"isDone": is_done, "logSeq": len(self.lines)}
        if is_change:
            self.version += 1
            told["change"] = {"execution": {"at": self.version}}
        told["version"] = self.version
        if messages:
            told |= {"logFrom": first, "logs": self.lines[first - 1 :]}
        return msgspec.json.decode(msgspec.json.encode(told), type=Message)

    def tell(self, *messages: Message) -> None:
        for watch in self.watches:
            for message in messages:
                watch.tell(message)

    def break_off(self) -> None:
        for watch in self.watches:
            watch.break_off()

    def read_place(self, tenant: str, execution_id: str) -> Place:
        return Place(self.version, len(self.lines), self.is_done)

    def read_state(self, tenant: str, execution_id: str) -> State:
        self.reads += 1
        return State(self.read_place(tenant, execution_id), Shown({"id": execution_id, "at": self.version}))

    def read_lines(self, tenant: str, execution_id: str, after: int, levels: Any) -> Lines:
        self.reads += 1
        found = [line for line in self.lines[after:] if levels is None or line["level"] in levels][:AT_ONCE]
        last = found[-1]["seq"] if len(found) == AT_ONCE else max(len(self.lines), after)
        return Lines(self.read_place(tenant, execution_id), found, last, json.dumps(found).encode())

    @asynccontextmanager
    async def subscribe(self, channel: str) -> AsyncIterator[Watch]:
        watch = Watch()
        self.watches.append(watch)
        try:
            yield watch
        finally:
            self.watches.remove(watch)

    def seat(self, member: Member) -> None:
        self._tasks.append(asyncio.create_task(member.follow()))

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def watcher(self, name: str = "1") -> FakeSink:
        """Somebody who has been told the state of the execution."""
        sink = FakeSink()
        self.seat(execution_subscribers.ExecutionMember(sink, name, OLGA, "E"))
        assert (await sink.next())["type"] == "state"
        return sink

    async def reader(self, name: str = "1", after: int = 0, min_level: str | None = None) -> FakeSink:
        """Somebody who has been told the log so far."""
        sink = FakeSink()
        self.seat(execution_subscribers.LogMember(sink, name, OLGA, "E", after, min_level))
        assert (await sink.next())["type"] == "state"
        return sink


async def settle() -> None:
    """Let everything that is ready run."""
    for _ in range(50):
        await asyncio.sleep(0)


@asynccontextmanager
async def seated(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Audience]:
    audience = Audience()

    async def here(function: Any, *args: Any) -> Any:
        await asyncio.sleep(0)
        return function(*args)

    monkeypatch.setattr(fan_out, "feed", lambda: audience)
    for module in (fan_out, execution_subscribers, following, list_fan_out):
        monkeypatch.setattr(module, "in_thread", here)
    for module in (execution_subscribers, following):
        monkeypatch.setattr(module, "may_watch", lambda *_: None)
    for name in ("read_state", "read_lines", "read_place"):
        monkeypatch.setattr(execution_fan_out, name, getattr(audience, name))
    monkeypatch.setattr(execution_fan_out, "read_counted", audience.read_state)
    yield audience
    await audience.close()
