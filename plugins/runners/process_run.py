"""One command from start to end as a process: its output is read, and it is ended when it has to be."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import time
from collections.abc import Iterator

from plugins.contracts import RunContext, ScriptCommand, ScriptResult
from plugins.runners import descendants, launching
from plugins.runners.cgroups import TaskGroup
from plugins.runners.isolation import Isolation
from plugins.runners.lines import LineSplitter
from plugins.runners.overseer import Overseer
from plugins.runners.reader import KILLED, OUT_OF_MEMORY, OUT_OF_TIME, Reader, judged
from plugins.runners.watchdog import watchdog

GRACE_SECONDS = 3.0
"""Between asking a group of processes to end and killing it."""
_LINGER_SECONDS = 0.3
_SETTLE_SECONDS = 0.05
"""How long the other half of the end of a line may take."""
_CHUNK = 1 << 16
_SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""Where commands are looked for."""


class ProcessRun:
    """One command from start to end: the thread that runs the task also reads its output."""

    def __init__(self, ctx: RunContext, command: ScriptCommand, identity: int | None, isolation: Isolation) -> None:
        self._ctx = ctx
        self._command = command
        self._identity = identity
        self._isolation = isolation
        self._result = ScriptResult(exit_code=-1)
        self._mark = f"{watchdog.mark}-{ctx.task_run_id}-{ctx.attempt}-{os.urandom(8).hex()}"
        folders = [folder for folder in (command.workdir, command.own) if folder is not None]
        self._overseer = Overseer(isolation.limits, folders, lambda: descendants.belonging(self._mark, identity))
        self._deadline = time.monotonic() + command.timeout.total_seconds() if command.timeout else None
        self._stopped = ""
        self._kill_at: float | None = None
        self._wake_read, self._wake_write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def finish(self) -> ScriptResult:
        group: TaskGroup | None = None
        try:
            self._ctx.on_kill(self._wake)
            group = self._isolation.group(os.urandom(8).hex())
            process = launching.start(self._command, self._environment(), self._identity, self._isolation, group)
            watchdog.watch(process.pid)
            try:
                self._follow(process)
            finally:
                descendants.end(process, self._mark, self._identity)
                watchdog.forget(process.pid)
            return self._judge(process, group)
        finally:
            if group is not None:
                group.remove()
            read, self._wake_read, write, self._wake_write = self._wake_read, -1, self._wake_write, -1
            os.close(read)
            os.close(write)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            os.write(self._wake_write, b"k")

    def _environment(self) -> dict[str, str]:
        workdir = str(self._command.workdir)
        given = {"PATH": _SEARCH_PATH, "HOME": workdir, "LANG": "C.UTF-8", "PWD": workdir, "WORKING_DIR": workdir}
        return {**given, **self._command.env, descendants.MARK: self._mark}

    def _follow(self, process: subprocess.Popen[bytes]) -> None:
        """Read both streams until the command has ended and they are closed, or it had to be stopped."""
        assert process.stdout is not None
        assert process.stderr is not None
        ended_at: float | None = None
        with selectors.DefaultSelector() as selector:
            selector.register(self._wake_read, selectors.EVENT_READ, None)
            for stream, is_error in ((process.stdout, False), (process.stderr, True)):
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ, LineSplitter(Reader(self._ctx, self._result, is_error)))
            with _exit_of(process, selector):
                while len(selector.get_map()) > 1:
                    waiting = _waiting(selector)
                    for key, _ in selector.select(self._patience(ended_at, _SETTLE_SECONDS if waiting else None)):
                        self._on_ready(selector, key)
                        waiting.discard(key.data)
                    for lines in waiting:
                        lines.settle()
                    if ended_at is None and process.poll() is not None:
                        ended_at = time.monotonic()
                    if self._is_over(process, ended_at):
                        break
            self._drain(selector)

    def _on_ready(self, selector: selectors.BaseSelector, key: selectors.SelectorKey) -> None:
        if not isinstance(key.data, LineSplitter):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    os.read(self._wake_read, 64)
            else:
                selector.unregister(key.fileobj)
            return
        chunk = _read(key.fileobj)
        if chunk is None:
            return
        key.data.feed(chunk)
        if not chunk:
            key.data.close()
            selector.unregister(key.fileobj)

    def _drain(self, selector: selectors.BaseSelector) -> None:
        """Take what is still in the pipes of a command that is over, without waiting for more."""
        for key in list(selector.get_map().values()):
            if isinstance(key.data, LineSplitter):
                for _ in range(256):
                    chunk = _read(key.fileobj)
                    if not chunk:
                        break
                    key.data.feed(chunk)
                key.data.close()

    def _patience(self, ended_at: float | None, at_most: float | None) -> float | None:
        """Seconds until something has to be looked at although nothing happened."""
        left = self._until_next(ended_at)
        return left if at_most is None else at_most if left is None else min(left, at_most)

    def _until_next(self, ended_at: float | None) -> float | None:
        while_running = () if self._stopped else (self._deadline, self._overseer.next_look)
        moments = [moment for moment in (self._kill_at, *while_running) if moment]
        if ended_at is not None:
            moments.append(ended_at + _LINGER_SECONDS)
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    def _is_over(self, process: subprocess.Popen[bytes], ended_at: float | None) -> bool:
        """Stop what must be stopped, and say whether nothing is left to wait for."""
        now = time.monotonic()
        if not self._stopped:
            if self._ctx.is_killed():
                self._stop(process, KILLED)
            elif self._deadline is not None and now >= self._deadline:
                self._stop(process, OUT_OF_TIME)
            elif excess := self._overseer.exceeded():
                self._stopped = excess
                return True
        if self._kill_at is not None and now >= self._kill_at:
            return True
        return ended_at is not None and now >= ended_at + _LINGER_SECONDS

    def _stop(self, process: subprocess.Popen[bytes], why: str) -> None:
        self._stopped = why
        self._kill_at = time.monotonic() + GRACE_SECONDS
        descendants.ask_to_end(process, spares_leader=bool(self._isolation.walls))

    def _judge(self, process: subprocess.Popen[bytes], group: TaskGroup | None) -> ScriptResult:
        code = process.returncode
        self._result.exit_code = code if code >= 0 else 128 - code
        if not self._stopped and code != 0 and group is not None and group.was_out_of_memory():
            self._stopped = OUT_OF_MEMORY
        return judged(self._result, self._stopped)


def _read(stream: object) -> bytes | None:
    """What is in the pipe: b"" at its end, None when there is nothing yet."""
    try:
        return os.read(stream.fileno(), _CHUNK)  # type: ignore[attr-defined]  # selectors hand back what was registered
    except BlockingIOError:
        return None


def _waiting(selector: selectors.BaseSelector) -> set[LineSplitter]:
    """Those whose last line is ended by what comes next."""
    found = (key.data for key in selector.get_map().values())
    return {lines for lines in found if isinstance(lines, LineSplitter) and lines.is_waiting}


@contextlib.contextmanager
def _exit_of(process: subprocess.Popen[bytes], selector: selectors.BaseSelector) -> Iterator[None]:
    """Let the selector also wake when the process ends, whatever still holds its pipes."""
    try:
        descriptor = os.pidfd_open(process.pid)
    except OSError:
        yield
        return
    selector.register(descriptor, selectors.EVENT_READ, "exit")
    try:
        yield
    finally:
        with contextlib.suppress(KeyError):
            selector.unregister(descriptor)
        os.close(descriptor)
