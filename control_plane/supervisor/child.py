"""One run of one service: started, watched for readiness, stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import suppress

from control_plane.embedded.server import last_lines
from control_plane.supervisor.console import LONGEST_LINE, Console
from control_plane.supervisor.service import Service

READY_SECONDS = 60


class StartFailed(Exception):
    """A service did not become ready."""


class Child:
    def __init__(self, service: Service, console: Console) -> None:
        self.service = service
        self._console = console
        self._process: asyncio.subprocess.Process | None = None
        self._printing: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start the process and return when it is ready, or raise `StartFailed`."""
        await asyncio.to_thread(self.service.prepare)
        await self._spawn()
        if self.service.once:
            await self._run_to_its_end()
            return
        await self._until_ready()
        await asyncio.to_thread(self.service.provision)

    async def ended(self) -> int:
        """Wait for the end of the process; return its exit code."""
        assert self._process is not None
        code = await self._process.wait()
        if self._printing is not None:
            await self._printing
        return code

    async def stop(self) -> None:
        """Ask it to end, and make it when it does not."""
        if self._process is None or self._process.returncode is not None:
            return
        self.signal(self.service.stop_signal)
        try:
            await asyncio.wait_for(self.ended(), self.service.stop_seconds)
        except TimeoutError:
            self._console.say(self.service.name, "does not end; killed")
            self.signal(signal.SIGKILL)
            await self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _spawn(self) -> None:
        """In a session of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops in order."""
        command, environment = await asyncio.to_thread(lambda: (self.service.command(), self.service.environment()))
        reader = await asyncio.to_thread(_pipe_with, self.service.secret()) if self.service.secret else None
        log = self.service.log.open("ab") if self.service.log else None
        try:
            self._process = await asyncio.create_subprocess_exec(
                *[word.replace("{fd}", str(reader)) for word in command],
                env=dict(environment),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log or asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
                pass_fds=() if reader is None else (reader,),
                limit=LONGEST_LINE,
            )
        finally:
            if reader is not None:
                os.close(reader)
            if log is not None:
                log.close()
        if self._process.stdout is not None:
            self._printing = asyncio.create_task(self._console.pass_on(self.service.name, self._process.stdout))

    async def _run_to_its_end(self) -> None:
        code = await self.ended()
        if code:
            raise StartFailed(f"ended with {code}")

    async def _until_ready(self) -> None:
        assert self._process is not None
        until = time.monotonic() + READY_SECONDS
        while not await asyncio.to_thread(self.service.is_ready):
            if self._process.returncode is not None:
                raise StartFailed(f"ended with {self._process.returncode}{self._tail()}")
            if time.monotonic() > until:
                raise StartFailed(f"is not ready after {READY_SECONDS} s{self._tail()}")
            await asyncio.sleep(0.05)

    def _tail(self) -> str:
        return f":\n{last_lines(self.service.log)}" if self.service.log else ""


def _pipe_with(secret: str) -> int:
    """The reading end of a pipe that holds the secret and is closed at its other end."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as end:
        end.write(secret)
    return reader
