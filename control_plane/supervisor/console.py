"""The terminal of whoever started the instance: one line of one service at a time, with its name before it."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TextIO

COLOURS = {"postgres": 36, "valkey": 35, "migrate": 33, "web": 32, "scheduler": 34, "worker": 95, "orrery": 1}
LONGEST_LINE = 64 * 1024


class Console:
    def __init__(self, out: TextIO | None = None, *, colours: bool | None = None) -> None:
        self._out = out or sys.stdout
        self._colours = self._out.isatty() and "NO_COLOR" not in os.environ if colours is None else colours

    def say(self, name: str, text: str) -> None:
        label = f"{name:<9} |"
        if self._colours:
            label = f"\033[{COLOURS.get(name, 37)}m{label}\033[0m"
        print(f"{label} {text}", file=self._out, flush=True)

    async def pass_on(self, name: str, stream: asyncio.StreamReader) -> None:
        """Print every line until the process closes its end; a line without end is cut, not kept."""
        while line := await self._line(stream):
            self.say(name, line.decode(errors="replace").rstrip("\r\n"))

    @staticmethod
    async def _line(stream: asyncio.StreamReader) -> bytes:
        try:
            return await stream.readuntil(b"\n")
        except asyncio.IncompleteReadError as end:
            return end.partial
        except asyncio.LimitOverrunError as long:
            return await stream.read(long.consumed)
