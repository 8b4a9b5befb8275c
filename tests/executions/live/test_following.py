"""Streams that last until the end see what WebSockets see, and share what is the same for all."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from executions.live.following import Seen, follow_execution, follow_log
from tests.executions.live.audience import OLGA, Audience


async def followed(into: asyncio.Queue[Any], source: Any) -> None:
    async for each in source:
        into.put_nowait(each)
    into.put_nowait(None)


async def test_followers_of_an_execution_share_what_they_see(audience: Audience) -> None:
    queues: list[asyncio.Queue[Seen | None]] = [asyncio.Queue() for _ in range(5)]
    tasks = [asyncio.create_task(followed(queue, follow_execution(OLGA, "E"))) for queue in queues]
    for queue in queues:
        await queue.get()
    audience.tell(audience.happen(), audience.happen())
    seen = [await queue.get() for queue in queues]
    assert len({id(each.shown) for each in seen if each is not None}) == 1
    assert seen[0] is not None and seen[0].shown.data["at"] == 3
    audience.tell(audience.happen(is_done=True))
    for queue in queues:
        last = await queue.get()
        assert last is not None and last.is_over
        assert await queue.get() is None
    await asyncio.gather(*tasks)


async def test_a_log_is_followed_to_its_last_line_through_a_gap(audience: Audience) -> None:
    audience.happen("a")
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()
    task = asyncio.create_task(followed(queue, follow_log(OLGA, "E")))
    found = [json.loads(await queue.get() or b"[]")]
    audience.happen("lost")
    audience.tell(audience.happen("b"))
    audience.tell(audience.happen("c", is_done=True))
    while (lines := await queue.get()) is not None:
        found.append(json.loads(lines))
    assert [line["message"] for lines in found for line in lines] == ["a", "lost", "b", "c"]
    await task


async def test_what_is_over_is_followed_without_the_feed(audience: Audience) -> None:
    audience.happen("a", is_done=True)
    assert [seen.is_over async for seen in follow_execution(OLGA, "E")] == [True]
    assert [json.loads(lines)[0]["message"] async for lines in follow_log(OLGA, "E")] == ["a"]
