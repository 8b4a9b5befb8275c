"""An execution or its log as a stream, for requests that last until the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec

from control_plane.kernel.actor import Context
from control_plane.kernel.threads import in_thread
from executions.live.execution_fan_out import Change, ExecutionFanOut, execution_fan_out
from executions.live.reading import Levels, Shown, may_watch, tenant_of
from executions.permissions import EXECUTION
from executions.queries.lines import levels_from
from executions.shapes import with_changes


@dataclass(frozen=True, slots=True)
class Seen:
    """The execution as it is now; one object shared by all followers."""

    shown: Shown
    is_over: bool


class _Reader:
    """Wakes a waiting request where a WebSocket subscriber would be sent to."""

    def __init__(self) -> None:
        self._news = asyncio.Event()

    def catch_up(self) -> None:
        self._news.set()

    async def wait(self) -> None:
        await self._news.wait()
        self._news.clear()


@asynccontextmanager
async def _reading(ctx: Context, execution_id: str) -> AsyncIterator[tuple[ExecutionFanOut, _Reader]]:
    async with execution_fan_out(tenant_of(ctx), execution_id) as fan_out:
        reader = _Reader()
        fan_out.broadcast.add(reader)
        try:
            yield fan_out, reader
        finally:
            fan_out.broadcast.discard(reader)


async def follow_execution(ctx: Context, execution_id: str) -> AsyncIterator[Seen]:
    """The last state yielded is terminal. Raises NotFound or Forbidden before the first."""
    await in_thread(may_watch, ctx, EXECUTION.FOLLOW, execution_id)
    async with _reading(ctx, execution_id) as (fan_out, reader):
        while True:
            state = await fan_out.state()
            seen, version = Seen(state.shown, state.place.is_done), state.place.version
            yield seen
            while not seen.is_over and (changes := fan_out.changes.since(version)) is not None:
                for change in changes:
                    seen, version = _seen(fan_out, seen, change), change.last
                    if change.is_done:
                        break
                if changes:
                    yield seen
                if not seen.is_over:
                    await reader.wait()
            if seen.is_over:
                return


def _seen(fan_out: ExecutionFanOut, before: Seen, change: Change) -> Seen:
    def make() -> Seen:
        data: dict[str, Any] = with_changes(before.shown.data, msgspec.json.decode(change.data))
        return Seen(Shown(data), change.is_done)

    return fan_out.once(("seen", change.last), make)


async def follow_log(ctx: Context, execution_id: str, min_level: str | None = None) -> AsyncIterator[bytes]:
    """JSON lists of lines, each line once, until there will be no more."""
    found = levels_from(min_level)
    levels: Levels = None if found is None else tuple(found)
    await in_thread(may_watch, ctx, EXECUTION.ACCESS_LOGS, execution_id)
    async with _reading(ctx, execution_id) as (fan_out, reader):
        after = 0
        while True:
            lines = await fan_out.lines_after(after, levels)
            after = lines.last
            if lines.shown:
                yield lines.text
            while (entries := fan_out.lines.since(after)) is not None:
                text = fan_out.text_of(entries, levels)
                after = entries[-1].last if entries else after
                if text:
                    yield text
                if fan_out.done_at is not None and after >= fan_out.done_at:
                    return
                await reader.wait()
