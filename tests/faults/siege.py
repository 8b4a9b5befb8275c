"""Clients that nobody wants: half-open and slow ones, guesses of passwords, large bodies; and uploads beside them."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
import weakref
from collections import Counter
from types import TracebackType
from typing import Self

from tests.bench.instance import TENANT, Instance

HEAD = f"POST /api/v1/{TENANT}/flows HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-yaml\r\n"
# What a half-open connection has sent: nothing, a part of its head, its head and a part of its body.
HALVES = (b"", HEAD[:40].encode(), f"{HEAD}content-length: 9000\r\n\r\nid: half".encode())
PIECE = 64 * 1024
UPLOADED_PIECES = 64


class Siege:
    """Besieges an instance, from an event loop of its own, until the block ends. `answers` counts what was said."""

    def __init__(self, instance: Instance, *, half_open: int, uploads: int, guesses_per_second: int) -> None:
        self.answers: Counter[str] = Counter()
        self.retry_after: set[str] = set()
        self.half_open = 0
        self._instance = instance
        self._sizes = (half_open, uploads, guesses_per_second)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._besiege(),))
        self._is_laid = threading.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._guesses: set[asyncio.Task[None]] = set()
        self._writers: weakref.WeakSet[asyncio.StreamWriter] = weakref.WeakSet()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._is_laid.wait(60)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._lift)
        self._thread.join(60)
        self._loop.close()

    def _lift(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _besiege(self) -> None:
        half_open, uploads, guesses = self._sizes
        self._tasks = [
            asyncio.create_task(self._half_open(HALVES[number % len(HALVES)])) for number in range(half_open)
        ]
        while self.half_open < half_open:
            await asyncio.sleep(0.01)
        self._tasks += [asyncio.create_task(self._upload()) for _ in range(uploads)]
        self._tasks.append(asyncio.create_task(self._guess(guesses)))
        self._is_laid.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*self._guesses, return_exceptions=True)
        await asyncio.gather(*(writer.wait_closed() for writer in self._writers), return_exceptions=True)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._instance.port)
        self._writers.add(writer)
        return reader, writer

    async def _half_open(self, sent: bytes) -> None:
        """Connect again whenever the server has had enough; say a byte now and then."""
        counted = False
        while True:
            try:
                reader, writer = await self._connect()
            except OSError:
                await asyncio.sleep(0.1)
                continue
            if not counted:
                counted, self.half_open = True, self.half_open + 1
            try:
                writer.write(sent)
                while not reader.at_eof():
                    try:
                        await asyncio.wait_for(reader.read(1024), 1.0)
                    except TimeoutError:
                        writer.write(sent[-1:])
            except OSError:
                pass
            finally:
                writer.close()

    async def _guess(self, per_second: int) -> None:
        number = 0
        while True:
            number += 1
            task = asyncio.create_task(self._one_guess(number))
            self._guesses.add(task)
            task.add_done_callback(self._guesses.discard)
            await asyncio.sleep(1 / per_second)

    async def _one_guess(self, number: int) -> None:
        name = f"guess{number}@orrery.test"
        if number % 2:
            body = json.dumps({"username": name, "password": "Wrong-password-1"})
            request = (
                f"POST /login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
            )
        else:
            body = ""
            basic = base64.b64encode(f"{name}:Wrong-password-1".encode()).decode()
            request = f"GET /api/v1/{TENANT}/flows/search HTTP/1.1\r\nhost: x\r\nauthorization: Basic {basic}\r\n"
        await self._say("guess", f"{request}connection: close\r\n\r\n{body}".encode())

    async def _upload(self) -> None:
        """A start with a file, a little at a time, again and again."""
        boundary, size = "b0undary", PIECE * UPLOADED_PIECES
        before = f'--{boundary}\r\ncontent-disposition: form-data; name="f"; filename="f"\r\n\r\n'.encode()
        after = f"\r\n--{boundary}--\r\n".encode()
        head = (
            f"POST /api/v1/{TENANT}/executions/bench/uploads HTTP/1.1\r\nhost: x\r\nconnection: close\r\n"
            f"authorization: Bearer {self._instance.token}\r\ncontent-type: multipart/form-data; boundary={boundary}\r\n"
            f"content-length: {len(before) + size + len(after)}\r\n\r\n"
        ).encode()
        while True:
            await self._say("upload", head + before, *[b"x" * PIECE] * UPLOADED_PIECES, after, pause=0.05)

    async def _say(self, kind: str, *pieces: bytes, pause: float = 0.0) -> None:
        """Send, and count the status that comes back."""
        try:
            reader, writer = await self._connect()
        except OSError:
            self.answers[f"{kind} refused"] += 1
            return
        try:
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(pause)
            answer = await asyncio.wait_for(reader.read(PIECE), 60)
            self.answers[f"{kind} {answer[9:12].decode()}"] += 1
            for line in answer.lower().split(b"\r\n"):
                if line.startswith(b"retry-after: "):
                    self.retry_after.add(line.removeprefix(b"retry-after: ").decode())
        except (OSError, TimeoutError):
            self.answers[f"{kind} broken"] += 1
        finally:
            writer.close()
