"""Many watchers that cost next to nothing: a process that only notes which bytes arrived when, and reads them later."""

from __future__ import annotations

import base64
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from tests.bench.instance import TENANT, Instance

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0
PIECE_BYTES = 32_768
NAP_SECONDS = 0.005
"""Between two looks at all sockets: clients on this machine would otherwise be woken once for each of their messages."""
# The last message of a subscription, as its bytes are found without reading the rest.
END = b'{"type":"end"'


@dataclass(frozen=True)
class Heard:
    """What the whole audience was told. Milliseconds are from the line's own time to the bytes' arrival."""

    lines: int
    fewest_lines: int
    messages: int
    late_ms: list[float]
    cpu_s: float


class Audience:
    """So many sockets in a process of their own, each with one subscription to one execution."""

    def __init__(self, instance: Instance, execution_id: str, count: int, topic: str = "logs") -> None:
        command = [sys.executable, "-m", "tests.bench.audience", str(instance.port), execution_id, str(count), topic]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._say(instance.token)
        self._hear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """The process leaves with its pipes, even if it is not done."""
        self.process.kill()
        self.process.__exit__(None, None, None)

    def heard(self) -> Heard:
        """Waits until everybody has been told of the end."""
        self._say("done")
        return Heard(**self._hear())

    def _say(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def _hear(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the audience has left")
        return json.loads(line)


@dataclass(slots=True)
class Seat:
    """One socket, and what it received: when, and which bytes."""

    socket: socket.socket
    pieces: list[tuple[float, bytes]] = field(default_factory=list)
    is_over: bool = False

    def read(self) -> None:
        data = self.socket.recv(PIECE_BYTES)
        self.pieces.append((time.time(), data))
        # The end may be cut in two by the last two reads.
        tail = data if len(data) > len(END) * 4 or len(self.pieces) < 2 else self.pieces[-2][1][-100:] + data
        self.is_over = not data or END in tail[-200:]


def sit_down(port: int, token: str, execution_id: str, topic: str) -> Seat:
    seat = Seat(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS))
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [f"GET /api/v1/{TENANT}/live HTTP/1.1", "Host: bench", "Upgrade: websocket", "Connection: Upgrade"]
    lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}", f"Authorization: Bearer {token}", "", ""]
    seat.socket.sendall("\r\n".join(lines).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += seat.socket.recv(1)
    if b" 101 " not in answer:
        raise RuntimeError(answer.decode())
    ask = {"type": "subscribe", "id": "1", "topic": topic, "executionId": execution_id}
    seat.socket.sendall(masked(json.dumps(ask).encode()))
    return seat


def masked(text: bytes) -> bytes:
    """A frame of a client, with a mask that changes nothing."""
    assert len(text) < 2**16
    length = bytes([0x80 | len(text)]) if len(text) < 126 else bytes([0x80 | 126]) + len(text).to_bytes(2, "big")
    return b"\x81" + length + b"\0\0\0\0" + text


def listen(seats: Sequence[Seat], until_end: bool) -> None:
    """Until each has heard something, or the end."""
    poll = select.epoll()
    waiting = {seat.socket.fileno(): seat for seat in seats}
    for number in waiting:
        poll.register(number, select.EPOLLIN)
    if not until_end:
        poll.register(sys.stdin.fileno(), select.EPOLLIN)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and waiting:
        time.sleep(NAP_SECONDS)
        for number, _ in poll.poll(0):
            if number == sys.stdin.fileno():
                return
            waiting[number].read()
            if waiting[number].is_over:
                poll.unregister(number)
                del waiting[number]


def texts(seat: Seat) -> Iterator[tuple[float, bytes]]:
    """Each message with the time at which its last byte had arrived."""
    held = b""
    for at, data in seat.pieces:
        held += data
        while len(held) >= 2:
            start, length = 2, held[1] & 0x7F
            if length >= 126:
                start = 4 if length == 126 else 10
                length = int.from_bytes(held[2:start], "big")
            if len(held) < start + length or len(held) < start:
                break
            if held[0] == 0x81:
                yield at, held[start : start + length]
            held = held[start + length :]


def report(seats: Sequence[Seat], cpu: float) -> dict[str, Any]:
    counts, late, messages = [], [], 0
    for seat in seats:
        own = set()
        for at, text in texts(seat):
            messages += 1
            for line in json.loads(text).get("data", {}).get("logs", ()):
                own.add(line["seq"])
                late.append((at - datetime.fromisoformat(line["timestamp"]).timestamp()) * 1000)
        counts.append(len(own))
    return {
        "lines": sum(counts),
        "fewest_lines": min(counts),
        "messages": messages,
        "late_ms": sorted(late),
        "cpu_s": cpu,
    }


def main(port: str, execution_id: str, count: str, topic: str) -> None:
    token = sys.stdin.readline().strip()
    seats = [sit_down(int(port), token, execution_id, topic) for _ in range(int(count))]
    for seat in seats:
        seat.read()
    for seat in seats:
        seat.socket.setblocking(False)
    print(json.dumps("ready"), flush=True)
    before = time.process_time()
    listen(seats, until_end=False)
    listen([seat for seat in seats if not seat.is_over], until_end=True)
    cpu = time.process_time() - before
    print(json.dumps(report(seats, cpu)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
