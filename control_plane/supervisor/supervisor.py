"""Starts services in order, keeps them running, stops them in reverse order."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence

from control_plane.supervisor.child import Child
from control_plane.supervisor.console import Console
from control_plane.supervisor.service import Service

# A service that ran this long was well: its next restart does not wait.
WELL_SECONDS = 30
LONGEST_PAUSE_SECONDS = 30


class Supervisor:
    """`run` returns when somebody asked it to stop, or when a service could not be started at first."""

    def __init__(self, services: Sequence[Service], console: Console, when_ready: Callable[[], None]) -> None:
        self._services = services
        self._console = console
        self._when_ready = when_ready
        self._children: list[Child] = []
        self._watching: list[asyncio.Task[None]] = []
        self._asked = asyncio.Event()

    async def run(self) -> int:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.ask_to_stop)
        starting = asyncio.create_task(self._start_all())
        asked = asyncio.create_task(self._asked.wait())
        try:
            await asyncio.wait({starting, asked}, return_when=asyncio.FIRST_COMPLETED)
            if starting.done() and not starting.result():
                return 1
            await asked
            return 0
        finally:
            starting.cancel()
            asked.cancel()
            await asyncio.gather(starting, asked, return_exceptions=True)
            await self._stop_all()

    def ask_to_stop(self) -> None:
        """The first time cleanly; the second time at once."""
        if not self._asked.is_set():
            self._console.say("orrery", "stopping; once more to stop at once")
            self._asked.set()
            return
        for child in self._children:
            child.signal(signal.SIGKILL)

    async def _start_all(self) -> bool:
        for service in self._services:
            child = Child(service, self._console)
            self._children.append(child)
            try:
                await child.start()
            except Exception as error:
                self._console.say(service.name, f"does not start: {error}")
                return False
            if not service.once:
                self._watching.append(asyncio.create_task(self._keep_running(child)))
        await asyncio.to_thread(self._when_ready)
        return True

    async def _keep_running(self, child: Child) -> None:
        """Start it again whenever it ends, after a pause that grows while it keeps ending at once."""
        loop = asyncio.get_running_loop()
        pause, name = 0.5, child.service.name
        while True:
            began = loop.time()
            code = await child.ended()
            pause = 0.5 if loop.time() - began > WELL_SECONDS else min(pause * 2, LONGEST_PAUSE_SECONDS)
            self._console.say(name, f"ended with {code}; starts again in {pause:g} s")
            await asyncio.sleep(pause)
            try:
                await child.start()
            except Exception as error:  # Whatever it is, the others must not end with it.
                self._console.say(name, f"does not start: {error}")
                child.signal(signal.SIGKILL)

    async def _stop_all(self) -> None:
        for task in self._watching:
            task.cancel()
        await asyncio.gather(*self._watching, return_exceptions=True)
        for child in reversed(self._children):
            await child.stop()
        self._console.say("orrery", "stopped")
