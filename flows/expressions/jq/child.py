"""Child processes that run jq programs under a limit of memory, and are killed when time runs out."""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

MEMORY_BYTES = 256 * 1024 * 1024
PROGRAM_SECONDS = 0.8
PATIENCE_SECONDS = 15.0
IDLE_CHILDREN = 2
SERVER = Path(__file__).with_name("server.py")


class ChildFailed(Exception):
    """The program was refused, or failed on this input."""


class ChildStopped(Exception):
    """The program used more time or memory than it may."""


def _environment() -> dict[str, str]:
    """What the interpreter may need to start, and nothing else: a program can print it."""
    libraries = os.environ.get("LD_LIBRARY_PATH")
    return {"PATH": os.defpath, **({"LD_LIBRARY_PATH": libraries} if libraries else {})}


@dataclass(frozen=True, slots=True)
class Budget:
    """What a program may use: processor time of the child, time on the clock, bytes of its results."""

    processor: float
    patience: float
    output: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The results as the text of a JSON list, and what they cost."""

    text: str
    processor: float
    waited: float


class Child:
    """One process; it answers one question at a time and dies with its standard input."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(SERVER), str(MEMORY_BYTES)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            close_fds=True,
        )

    def ask(self, program: str, source: str, budget: Budget) -> Answer:
        """Raises `ChildFailed` or `ChildStopped`."""
        seconds = min(budget.processor, PROGRAM_SECONDS)
        question = json.dumps([program, source, budget.output, seconds]).encode() + b"\n"
        began = time.monotonic()
        try:
            assert self._process.stdin is not None
            self._process.stdin.write(question)
            self._process.stdin.flush()
        except OSError:
            raise self._stopped() from None
        patience = min(budget.patience, PATIENCE_SECONDS)
        kind, answer, processor = json.loads(self._line(began + patience, 2 * budget.output + 4096))
        if kind == "ok":
            return Answer(str(answer), float(processor), time.monotonic() - began)
        raise (ChildStopped if kind == "limit" else ChildFailed)(answer)

    def _line(self, deadline: float, longest: int) -> bytes:
        assert self._process.stdout is not None
        handle = self._process.stdout.fileno()
        received = bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(handle, selectors.EVENT_READ)
            while not received.endswith(b"\n"):
                left = deadline - time.monotonic()
                if left <= 0 or not selector.select(left):
                    raise ChildStopped("takes too long")
                part = os.read(handle, 1 << 16)
                if not part:
                    raise self._stopped()
                received += part
                if len(received) > longest:
                    raise ChildStopped("makes too much output")
        return bytes(received)

    def _stopped(self) -> ChildStopped:
        """Why the child ended by itself."""
        is_late = self._process.wait() == -signal.SIGPROF
        return ChildStopped("takes too long" if is_late else "used too much memory")

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                try:
                    stream.close()
                except OSError:
                    continue


class Pool:
    """Idle children of this process; a fork starts with none."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._idle: list[Child] = []
        self._foreign: list[Child] = []

    def run(self, program: str, source: str, budget: Budget) -> Answer:
        """Raises `ChildFailed` or `ChildStopped`."""
        child = self._take()
        try:
            answer = child.ask(program, source, budget)
        except ChildFailed:
            self._give_back(child)
            raise
        except BaseException:
            child.close()
            raise
        self._give_back(child)
        return answer

    def _take(self) -> Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.is_alive():
                    return child
                child.close()
        return Child()

    def _give_back(self, child: Child) -> None:
        with self._lock:
            if len(self._idle) < IDLE_CHILDREN:
                self._idle.append(child)
                return
        child.close()

    def close(self) -> None:
        """Stop the idle children."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.close()

    def forget(self) -> None:
        """After a fork: the children are those of the parent, and the lock may be held by a thread that is not here."""
        self._lock = Lock()
        self._foreign, self._idle = [*self._foreign, *self._idle], []


POOL = Pool()
atexit.register(POOL.close)
os.register_at_fork(after_in_child=POOL.forget)
