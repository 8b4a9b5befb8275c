"""An execution and its relatives as one stream of states: who started it, what it started, and so on if wanted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

from control_plane.kernel.actor import Context
from control_plane.kernel.scope import tenant_scope
from control_plane.kernel.threads import in_thread
from control_plane.kernel.words.errors import ControlPlaneError
from executions.live.following import Seen, follow_execution
from executions.live.reading import tenant_of
from executions.queries.relatives import relatives


@dataclass(frozen=True, slots=True)
class Reach:
    """How far to look: only at what an execution has started, and at relatives of relatives."""

    is_down_only: bool = False
    is_deep: bool = False


async def follow_relatives(ctx: Context, execution_id: str, reach: Reach) -> AsyncIterator[tuple[str, Seen]]:
    """The execution itself first, then whoever changes, until all of them are over.

    Raises NotFound or Forbidden before anything is told. A relative that is deleted, or may no more be followed, is
    left out from then on.
    """
    changes: asyncio.Queue[tuple[str, Seen]] = asyncio.Queue()
    followed: dict[str, asyncio.Task[None]] = {}

    def follow(ids: Iterable[str]) -> None:
        for each in ids:
            if each not in followed:
                followed[each] = asyncio.create_task(_tell(ctx, each, changes))

    try:
        follow([execution_id])
        while (told := await _next(changes, followed)) is not None:
            if told[0] not in followed:
                continue
            yield told
            if changes.empty():
                follow(await in_thread(_found, ctx, execution_id, reach))
        await followed[execution_id]
    finally:
        for task in followed.values():
            task.cancel()
        await asyncio.gather(*followed.values(), return_exceptions=True)


async def _tell(ctx: Context, execution_id: str, changes: asyncio.Queue[tuple[str, Seen]]) -> None:
    async for seen in follow_execution(ctx, execution_id):
        changes.put_nowait((execution_id, seen))


async def _next(
    changes: asyncio.Queue[tuple[str, Seen]], followed: dict[str, asyncio.Task[None]]
) -> tuple[str, Seen] | None:
    """The next state; None when all have ended."""
    asked = asyncio.create_task(changes.get())
    try:
        while not asked.done():
            running = [task for task in followed.values() if not task.done()]
            if not running and changes.empty():
                return None
            await asyncio.wait([asked, *running], return_when=asyncio.FIRST_COMPLETED)
            await asyncio.sleep(0)
        return asked.result()
    finally:
        asked.cancel()


def _found(ctx: Context, execution_id: str, reach: Reach) -> list[str]:
    with tenant_scope(tenant_of(ctx)):
        try:
            return relatives(ctx, execution_id, is_down_only=reach.is_down_only, is_deep=reach.is_deep)
        except ControlPlaneError:
            return []
