"""Notices changed rights for open connections: one cheap query per process serves all of them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from control_plane.kernel.threads import in_thread
from iam.authorization.versions import Versions, current

logger = logging.getLogger(__name__)

LOOK_SECONDS = 2.0
AT_A_TIME = 2
"""How many connections are checked again at a time after rights changed: the same threads serve requests."""

P = ParamSpec("P")
R = TypeVar("R")


class RightsWatch:
    """Polls the version of a tenant's rights while anybody waits for it."""

    def __init__(self, tenant: str) -> None:
        self._tenant = tenant
        self._waiting: set[asyncio.Future[Versions]] = set()
        self._task: asyncio.Task[None] | None = None
        self._versions: Versions | None = None

    async def moved(self, seen: Versions) -> Versions:
        """Wait until the version differs from `seen`."""
        if self._versions is not None and self._versions != seen and self._is_looking():
            return self._versions
        future: asyncio.Future[Versions] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        if not self._is_looking():
            self._versions = seen
            self._task = asyncio.create_task(self._look(), name="rights-watch")
        try:
            return await future
        finally:
            self._waiting.discard(future)

    def _is_looking(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _look(self) -> None:
        while self._waiting:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                versions = await in_thread(current, self._tenant)
            except Exception:
                # Whatever it was: nobody would ever be checked again if this ended.
                logger.warning("rights could not be looked at", exc_info=True)
                continue
            if versions != self._versions:
                self._versions = versions
                for future in self._waiting:
                    if not future.done():
                        future.set_result(versions)


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, RightsWatch]] = WeakKeyDictionary()


async def rights_version(tenant: str) -> Versions:
    """The versions a connection notes before its rights are checked."""
    return await in_thread(current, tenant)


async def rights_moved(tenant: str, seen: Versions) -> Versions:
    """Wait until the rights in a tenant have changed since they were seen; at most two seconds late."""
    watches = _watches.setdefault(asyncio.get_running_loop(), {})
    return await watches.setdefault(tenant, RightsWatch(tenant)).moved(seen)


async def in_turn(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a check that many connections make at the same moment."""
    async with _turns.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_A_TIME)):
        return await in_thread(function, *args, **kwargs)
